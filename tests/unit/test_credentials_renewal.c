/* SPDX-License-Identifier: MIT */

/* Keys that end, over a service that answers what the test says. */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "s3/credentials.h"
#include "s3_fixture.h"

enum { THREADS = 8 };

/* Answers as ECS does, with keys named after their number. */
struct service {
    _Atomic unsigned asked;
    _Atomic unsigned answers; /* it gives; afterwards it refuses */
    _Atomic int life_ms;
    _Atomic int delay_ms;
};

static bool answer(void *arg, const struct http_request *request, struct http_response *response,
                   struct error *err)
{
    struct service *service = arg;
    unsigned number = atomic_fetch_add(&service->asked, 1) + 1;
    char end[CLOCK_ISO_SIZE];

    (void)err;
    assert_string_equal(request->url, "http://169.254.170.2/keys");
    cancel_sleep(NULL, service->delay_ms);
    response->status = number > service->answers ? 403 : 200;
    clock_format_iso(clock_wall_ms() + service->life_ms, end);
    buffer_append_format(&response->body,
                         "{\"AccessKeyId\":\"AKID%u\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
                         "\"Expiration\":\"%s\"}",
                         number, end);
    return true;
}

struct fixture {
    struct service service;
    struct s3_profiles *profiles;
    struct credentials *credentials;
    struct key_set keys;
    struct error err;
};

static int set_up(void **state)
{
    struct fixture *fixture = memory_new(1, sizeof(*fixture));
    struct credentials_place place = { .profile = "default", .web = { answer, &fixture->service } };

    s3_fixture_clear_environment();
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/keys", 1);
    fixture->service.answers = 1000;
    fixture->service.life_ms = 3600 * 1000;
    fixture->profiles = s3_profiles_new();
    place.profiles = fixture->profiles;
    fixture->credentials = credentials_new(&place);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    credentials_wipe(&fixture->keys);
    credentials_free(fixture->credentials);
    s3_profiles_free(fixture->profiles);
    free(fixture);
    return 0;
}

static bool update(struct fixture *fixture)
{
    return credentials_update(fixture->credentials, NULL, &fixture->keys, &fixture->err);
}

static void test_credentials_update_keeps_keys_that_last(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 10; i++)
        assert_true(update(fixture));
    assert_string_equal(fixture->keys.id, "AKID1");
    assert_int_equal(fixture->service.asked, 1);
}

static void test_credentials_update_renews_before_the_end(void **state)
{
    struct fixture *fixture = *state;

    fixture->service.life_ms = 400;
    assert_true(update(fixture));
    fixture->service.life_ms = 3600 * 1000;
    cancel_sleep(NULL, 320);
    assert_true(update(fixture));
    assert_string_equal(fixture->keys.id, "AKID2");
}

/* Whether it came in time to renew keys that live so long before their end, not after it. */
static bool renews_early(struct fixture *fixture, int life_ms)
{
    int64_t end_ms = clock_monotonic_ms() + life_ms;
    bool still_usable;

    fixture->service.life_ms = life_ms;
    fixture->service.asked = 0;
    fixture->service.answers = 1;
    assert_true(update(fixture));
    cancel_sleep(NULL, life_ms * 31 / 40); /* a renewal is due after three quarters */
    still_usable = update(fixture);
    if (clock_monotonic_ms() >= end_ms)
        return false;
    assert_true(still_usable);
    assert_string_equal(fixture->keys.id, "AKID1");
    assert_true(fixture->service.asked > 1);
    cancel_sleep(NULL, end_ms - clock_monotonic_ms() + 50);
    return true;
}

static void test_credentials_update_goes_on_when_an_early_renewal_fails(void **state)
{
    struct fixture *fixture = *state;

    for (int life_ms = 2000; !renews_early(fixture, life_ms); life_ms *= 2)
        cancel_sleep(NULL, life_ms); /* the machine was too busy: again, with more time */
    assert_false(update(fixture));
    assert_int_equal(fixture->err.kind, ERROR_AUTH);
    assert_non_null(strstr(fixture->err.text, "403"));
}

static void test_credentials_update_takes_keys_that_have_ended_for_a_while(void **state)
{
    struct fixture *fixture = *state;

    fixture->service.life_ms = -1000;
    assert_true(update(fixture));
    assert_true(update(fixture));
    assert_int_equal(fixture->service.asked, 1);
}

static void test_credentials_update_ends_when_interrupted(void **state)
{
    struct fixture *fixture = *state;
    struct cancel cancel;

    assert_true(cancel_init(&cancel));
    cancel_stop(&cancel, 0);
    assert_false(credentials_update(fixture->credentials, &cancel, &fixture->keys, &fixture->err));
    assert_int_equal(fixture->err.kind, ERROR_CANCELLED);
    cancel_release(&cancel);
}

static void *use_keys(void *arg)
{
    struct fixture *fixture = arg;
    struct key_set keys = { 0 };
    struct error err;
    uintptr_t good = 0;

    for (int i = 0; i < 20; i++) {
        good += credentials_update(fixture->credentials, NULL, &keys, &err);
        cancel_sleep(NULL, 1);
    }
    credentials_wipe(&keys);
    return (void *)good;
}

static void run_threads(struct fixture *fixture)
{
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_keys, fixture), 0);
    for (int i = 0; i < THREADS; i++) {
        void *good;

        pthread_join(threads[i], &good);
        assert_int_equal((uintptr_t)good, 20);
    }
}

static void test_credentials_are_asked_for_by_one_thread(void **state)
{
    struct fixture *fixture = *state;

    fixture->service.delay_ms = 100;
    run_threads(fixture);
    assert_int_equal(fixture->service.asked, 1);
}

static void test_credentials_refused_are_asked_for_once(void **state)
{
    struct fixture *fixture = *state;
    struct key_set old = { 0 };

    assert_true(update(fixture));
    assert_true(credentials_update(fixture->credentials, NULL, &old, &fixture->err));
    fixture->service.delay_ms = 50;
    credentials_reject(fixture->credentials, &fixture->keys);
    run_threads(fixture);
    credentials_reject(fixture->credentials, &old); /* by a worker that had not noticed */
    assert_true(update(fixture));
    assert_string_equal(fixture->keys.id, "AKID2");
    assert_int_equal(fixture->service.asked, 2);
    credentials_wipe(&old);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_credentials_update_keeps_keys_that_last),
        TEST(test_credentials_update_renews_before_the_end),
        TEST(test_credentials_update_goes_on_when_an_early_renewal_fails),
        TEST(test_credentials_update_takes_keys_that_have_ended_for_a_while),
        TEST(test_credentials_update_ends_when_interrupted),
        TEST(test_credentials_are_asked_for_by_one_thread),
        TEST(test_credentials_refused_are_asked_for_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

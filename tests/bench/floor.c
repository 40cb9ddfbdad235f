/* SPDX-License-Identifier: MIT */

/*
 * The floor that avmap's speed is measured against: a bare libav loop over buffers in memory
 * (demux, decode, resample, encode, mux), without network, files, threads or records.
 *
 * usage: floor EXTENSION CHANNELS RATE FILE...
 * Prints the objects done, the bytes made and the user and system CPU seconds that took; reading
 * the files into memory is not counted.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>

enum { IO_SIZE = 32768 };

struct source {
    uint8_t *bytes;
    int64_t size;
    int64_t at;
};

struct loop {
    AVFormatContext *in;
    AVCodecContext *decoder;
    AVFormatContext *out;
    AVCodecContext *encoder;
    SwrContext *resampler;
    AVFrame *decoded;
    AVFrame *converted;
    AVPacket *packet;
    int stream;
    int64_t pts;
};

static void require(int result, const char *what)
{
    if (result >= 0)
        return;
    fprintf(stderr, "floor: %s: %s\n", what, av_err2str(result));
    exit(1);
}

static int read_source(void *opaque, uint8_t *to, int size)
{
    struct source *source = opaque;

    if (source->at >= source->size)
        return AVERROR_EOF;
    if (size > source->size - source->at)
        size = (int)(source->size - source->at);
    memcpy(to, source->bytes + source->at, (size_t)size);
    source->at += size;
    return size;
}

static int64_t seek_source(void *opaque, int64_t offset, int whence)
{
    struct source *source = opaque;

    if (whence == AVSEEK_SIZE)
        return source->size;
    if (whence == SEEK_CUR)
        offset += source->at;
    else if (whence == SEEK_END)
        offset += source->size;
    source->at = offset;
    return offset;
}

static struct source read_file(const char *path)
{
    struct source source = { 0 };
    FILE *file = fopen(path, "rb");

    require(file ? 0 : AVERROR(errno), path);
    fseek(file, 0, SEEK_END);
    source.size = ftell(file);
    rewind(file);
    source.bytes = malloc((size_t)source.size);
    require(source.bytes && fread(source.bytes, 1, (size_t)source.size, file) == (size_t)source.size
                ? 0
                : AVERROR(EIO),
            path);
    fclose(file);
    return source;
}

static void open_input(struct loop *loop, struct source *source)
{
    const AVCodec *codec = NULL;

    loop->in = avformat_alloc_context();
    loop->in->pb =
        avio_alloc_context(av_malloc(IO_SIZE), IO_SIZE, 0, source, read_source, NULL, seek_source);
    require(avformat_open_input(&loop->in, "in.mp3", NULL, NULL), "open the input");
    require(avformat_find_stream_info(loop->in, NULL), "find the streams");
    loop->stream = av_find_best_stream(loop->in, AVMEDIA_TYPE_AUDIO, -1, -1, &codec, 0);
    require(loop->stream, "find an audio stream");
    loop->decoder = avcodec_alloc_context3(codec);
    require(avcodec_parameters_to_context(loop->decoder, loop->in->streams[loop->stream]->codecpar),
            "set the decoder up");
    loop->decoder->pkt_timebase = loop->in->streams[loop->stream]->time_base;
    loop->decoder->thread_count = 1;
    require(avcodec_open2(loop->decoder, codec, NULL), "open the decoder");
}

/* What ffmpeg chooses of what the encoder takes: the one that loses least of what is decoded. */
static enum AVSampleFormat choose_format(const AVCodec *codec, enum AVSampleFormat decoded)
{
    enum AVSampleFormat best = codec->sample_fmts[0];
    int wanted = av_get_bytes_per_sample(decoded);

    for (const enum AVSampleFormat *format = codec->sample_fmts; *format >= 0; format++) {
        if (av_get_bytes_per_sample(*format) > av_get_bytes_per_sample(best) &&
            av_get_bytes_per_sample(best) < wanted)
            best = *format;
    }
    return best;
}

static void open_output(struct loop *loop, const char *name, int channels, int rate)
{
    const AVCodec *codec;
    AVStream *stream;

    require(avformat_alloc_output_context2(&loop->out, NULL, NULL, name), "choose a container");
    require(avio_open_dyn_buf(&loop->out->pb), "make an output buffer");
    codec = avcodec_find_encoder(loop->out->oformat->audio_codec);
    loop->encoder = avcodec_alloc_context3(codec);
    av_channel_layout_default(&loop->encoder->ch_layout, channels);
    loop->encoder->sample_rate = rate;
    loop->encoder->sample_fmt = choose_format(codec, loop->decoder->sample_fmt);
    loop->encoder->time_base = (AVRational){ 1, rate };
    loop->encoder->thread_count = 1;
    if (loop->out->oformat->flags & AVFMT_GLOBALHEADER)
        loop->encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    require(avcodec_open2(loop->encoder, codec, NULL), "open the encoder");
    stream = avformat_new_stream(loop->out, NULL);
    require(avcodec_parameters_from_context(stream->codecpar, loop->encoder), "set the stream up");
    stream->time_base = loop->encoder->time_base;
    require(avformat_write_header(loop->out, NULL), "write the header");
    require(swr_alloc_set_opts2(&loop->resampler, &loop->encoder->ch_layout,
                                loop->encoder->sample_fmt, rate, &loop->decoder->ch_layout,
                                loop->decoder->sample_fmt, loop->decoder->sample_rate, 0, NULL),
            "set the resampler up");
    require(swr_init(loop->resampler), "open the resampler");
}

/* frame NULL drains the encoder. */
static void encode(struct loop *loop, AVFrame *frame)
{
    AVStream *stream = loop->out->streams[0];

    require(avcodec_send_frame(loop->encoder, frame), "encode");
    while (avcodec_receive_packet(loop->encoder, loop->packet) >= 0) {
        av_packet_rescale_ts(loop->packet, loop->encoder->time_base, stream->time_base);
        loop->packet->stream_index = 0;
        require(av_write_frame(loop->out, loop->packet), "write");
        av_packet_unref(loop->packet);
    }
}

/* Encodes what the resampler has, in whole frames where the encoder wants them; last: all of it. */
static void encode_resampled(struct loop *loop, int last)
{
    int wanted = loop->encoder->frame_size;

    for (;;) {
        int64_t ready = swr_get_out_samples(loop->resampler, 0);
        int count = wanted ? wanted : (int)ready;

        if (ready <= 0 || (wanted && !last && ready < wanted))
            return;
        av_frame_unref(loop->converted);
        loop->converted->nb_samples = count;
        loop->converted->format = loop->encoder->sample_fmt;
        loop->converted->sample_rate = loop->encoder->sample_rate;
        av_channel_layout_copy(&loop->converted->ch_layout, &loop->encoder->ch_layout);
        require(av_frame_get_buffer(loop->converted, 0), "make a frame");
        count = swr_convert(loop->resampler, loop->converted->data, count, NULL, 0);
        require(count, "resample");
        if (count == 0)
            return;
        loop->converted->nb_samples = count;
        loop->converted->pts = loop->pts;
        loop->pts += count;
        encode(loop, loop->converted);
    }
}

/* packet NULL drains the decoder. A broken packet is passed over. */
static void decode(struct loop *loop, const AVPacket *packet)
{
    avcodec_send_packet(loop->decoder, packet);
    while (avcodec_receive_frame(loop->decoder, loop->decoded) >= 0) {
        require(swr_convert(loop->resampler, NULL, 0,
                            (const uint8_t **)loop->decoded->extended_data,
                            loop->decoded->nb_samples),
                "resample");
        encode_resampled(loop, 0);
    }
}

static int transcode(struct source *source, const char *name, int channels, int rate)
{
    struct loop loop = { 0 };
    uint8_t *bytes;
    int size;

    loop.decoded = av_frame_alloc();
    loop.converted = av_frame_alloc();
    loop.packet = av_packet_alloc();
    open_input(&loop, source);
    open_output(&loop, name, channels, rate);
    while (av_read_frame(loop.in, loop.packet) >= 0) {
        if (loop.packet->stream_index == loop.stream)
            decode(&loop, loop.packet);
        av_packet_unref(loop.packet);
    }
    decode(&loop, NULL);
    swr_convert(loop.resampler, NULL, 0, NULL, 0);
    encode_resampled(&loop, 1);
    encode(&loop, NULL);
    require(av_write_trailer(loop.out), "finish");
    size = avio_close_dyn_buf(loop.out->pb, &bytes);
    av_free(bytes);

    swr_free(&loop.resampler);
    avcodec_free_context(&loop.encoder);
    avcodec_free_context(&loop.decoder);
    avformat_free_context(loop.out);
    av_freep(&loop.in->pb->buffer);
    avio_context_free(&loop.in->pb);
    avformat_close_input(&loop.in);
    av_packet_free(&loop.packet);
    av_frame_free(&loop.converted);
    av_frame_free(&loop.decoded);
    return size;
}

static double cpu_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    double seconds = 0;
    long long bytes = 0;
    int channels;
    int rate;
    char name[64];

    if (argc < 5) {
        fprintf(stderr, "usage: floor EXTENSION CHANNELS RATE FILE...\n");
        return 2;
    }
    channels = (int)strtol(argv[2], NULL, 10);
    rate = (int)strtol(argv[3], NULL, 10);
    av_log_set_level(AV_LOG_QUIET);
    snprintf(name, sizeof(name), "out.%s", argv[1]);
    for (int i = 4; i < argc; i++) {
        struct source source = read_file(argv[i]);
        double begin = cpu_seconds();

        bytes += transcode(&source, name, channels, rate);
        seconds += cpu_seconds() - begin;
        free(source.bytes);
    }
    printf("%d objects %lld bytes %.6f CPU seconds\n", argc - 4, bytes, seconds);
    return 0;
}

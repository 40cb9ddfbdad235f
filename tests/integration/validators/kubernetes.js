// SPDX-License-Identifier: MIT
// Holds Kubernetes Jobs (YAML files named as arguments) against the API's schema and prints them as JSON.
import { readFileSync } from "node:fs";
import { validate } from "./node_modules/kubernetes-models/_schemas/IoK8sApiBatchV1Job.mjs";
import { parse } from "yaml";

// The schema allows fields that it does not know. The validator never looks at those, so we look at what it looks at.
function watched(value, path, unseen) {
  if (value === null || typeof value !== "object") return value;
  for (const name of Object.keys(value)) {
    unseen.add(`${path}/${name}`);
    value[name] = watched(value[name], `${path}/${name}`, unseen);
  }
  return new Proxy(value, {
    get(target, name) {
      unseen.delete(`${path}/${String(name)}`);
      return target[name];
    },
  });
}

const jobs = process.argv.slice(2).map((file) => {
  const unseen = new Set();
  const job = parse(readFileSync(file, "utf8"));
  if (!validate(watched(structuredClone(job), "", unseen))) throw new Error(JSON.stringify(validate.errors));
  unseen.delete("/apiVersion");
  unseen.delete("/kind");
  if (unseen.size) throw new Error(`unknown to the API: ${[...unseen].join(" ")}`);
  return job;
});
console.log(JSON.stringify(jobs));

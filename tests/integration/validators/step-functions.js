// SPDX-License-Identifier: MIT
// Evaluates the Arguments of a state as Step Functions does.
// Standard input: {"machine": file, "path": [names of nested states], "input": ..., "context": ...}
import { readFileSync } from "node:fs";
import jsonata from "jsonata";

const { machine, path, input, context } = JSON.parse(readFileSync(0, "utf8"));

async function evaluated(value) {
  if (typeof value === "string" && /^\{%.*%\}$/.test(value))
    return jsonata(value.slice(2, -2)).evaluate({}, { states: { input, context } });
  if (Array.isArray(value)) return Promise.all(value.map(evaluated));
  if (value === null || typeof value !== "object") return value;
  const pairs = Object.entries(value).map(async ([name, part]) => [name, await evaluated(part)]);
  return Object.fromEntries(await Promise.all(pairs));
}

const state = path.reduce((states, name) => states[name] ?? states.ItemProcessor.States[name],
                          JSON.parse(readFileSync(machine, "utf8")).States);
console.log(JSON.stringify(await evaluated(state.Arguments)));

// What an application does with @soat/sdk: reads calls from standard input, one JSON object a line, writes their results.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [home, baseUrl] = process.argv.slice(2);
const entry = createRequire(pathToFileURL(`${home}/package.json`)).resolve("@soat/sdk");
const { createClient, createConfig, ...modules } = await import(pathToFileURL(entry));
const client = createClient(createConfig({ baseUrl }));

for await (const line of createInterface({ input: process.stdin })) {
  const { module, operation, ...options } = JSON.parse(line);
  const { data, error, response } = await modules[module][operation]({ client, ...options });
  process.stdout.write(`${JSON.stringify({ status: response.status, data: data ?? null, error: error ?? null })}\n`);
}

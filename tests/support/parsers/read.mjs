// read.mjs FEED.xml: what two podcast parsers understand of a feed, as one JSON document. Run where they are installed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const installed = createRequire(pathToFileURL(`${process.cwd()}/package.json`));
const xml = readFileSync(process.argv[2], "utf8");
const feedsmith = await import(pathToFileURL(installed.resolve("feedsmith")).href);
const partytime = await import(pathToFileURL(installed.resolve("podcast-partytime")).href);
console.warn = () => {};
const parse = partytime.parseFeed ?? partytime.default.parseFeed;
console.log(JSON.stringify({ feedsmith: feedsmith.parseFeed(xml).feed, partytime: parse(xml) }));

// A receiver of chiploc's webhooks as somebody else would write it: signatures by the npm package standardwebhooks (and
// Node's own Ed25519 where it is given a public key), events by the npm package cloudevents, data by the JSON Schemas of
// server/notices/schemas.
//
//     node receiver.cjs FOLDER PORT SECRET|PUBLIC_KEY [fail=STATUS]
//
// What is good is appended to FOLDER/received ("id sequence subject", flushed) before it is answered; a line for each
// request goes to standard output, the first one with the port. Everything else is answered 401 or 400 and said why.
"use strict";
const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { Webhook } = require("standardwebhooks");
const { HTTP, CloudEvent } = require("cloudevents");
const Ajv2020 = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;

const [folder, port, secret, ...more] = process.argv.slice(2);
const status = Number((more.find((word) => word.startsWith("fail=")) ?? "fail=0").slice(5));
const ajv = addFormats(new Ajv2020({ allErrors: true, strict: true }));
const schemas = path.join(__dirname, "../../../../server/notices/schemas");
for (const file of fs.readdirSync(schemas)) ajv.addSchema(JSON.parse(fs.readFileSync(path.join(schemas, file), "utf8")));

function verify(headers, body) {
  if (secret.startsWith("whsec_")) return void new Webhook(secret).verify(body, headers);
  const raw = Buffer.from(secret.replace(/^whpk_/, ""), "base64");
  const key = crypto.createPublicKey({ key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]), format: "der", type: "spki" });
  const age = Math.abs(Date.now() / 1000 - Number(headers["webhook-timestamp"]));
  if (!(age < 300)) throw new Error("too old or too new");
  const content = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
  const good = headers["webhook-signature"].split(" ").some((one) => {
    const [version, signature] = one.split(",");
    return version === "v1a" && crypto.verify(null, content, key, Buffer.from(signature, "base64"));
  });
  if (!good) throw new Error("no matching signature found");
}

function read(headers, body) {
  const event = HTTP.toEvent({ headers, body });
  if (!(event instanceof CloudEvent) || !event.validate()) throw new Error("no CloudEvent");
  if (event.id !== headers["webhook-id"]) throw new Error("the event has another id than the request");
  for (const [schema, value] of [["urn:chiploc:schema:event:v1", JSON.parse(body)], [event.dataschema, event.data]]) {
    if (!ajv.validate(schema, value)) throw new Error(`${schema}: ${ajv.errorsText()}`);
  }
  return event;
}

const received = fs.openSync(path.join(folder, "received"), "a");
const server = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts).toString("utf8");
    let code = 204;
    let words = "";
    try {
      code = 401;
      verify(request.headers, body);
      code = 400;
      const event = read(request.headers, body);
      words = `${event.id} ${event.sequence} ${event.subject} ${event.type}`;
      code = status || 204;
      if (code < 300) {
        fs.writeSync(received, `${event.id} ${event.sequence} ${event.subject}\n`);
        fs.fsyncSync(received);
      }
    } catch (error) {
      words = String(error.message).replace(/\s+/g, " ");
    }
    fs.writeSync(1, `${code} ${words}\n`);
    response.writeHead(code).end();
  });
});
server.listen(Number(port), "127.0.0.1", () => fs.writeSync(1, `port ${server.address().port}\n`));

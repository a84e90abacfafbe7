import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ChannelCredentials } from "@grpc/grpc-js"
import { connectProbe, failureOf, startProbe } from "../test/probe.ts"
import { ConfigError } from "./config.ts"
import { rpcCredentials, type TlsFiles } from "./credentials.ts"

const openssl = Bun.which("openssl")
if (!openssl) console.error("MUTUAL TLS IS NOT TESTED: there is no openssl to make certificates with")

const REQUEST = { requestId: "", text: "" }
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "airside-tls-"))
})
afterAll(() => rm(folder, { recursive: true }))

async function run(...args: string[]) {
  const child = Bun.spawn([openssl!, ...args], { cwd: folder, stdout: "ignore", stderr: "pipe" })
  if ((await child.exited) !== 0) throw new Error(await new Response(child.stderr).text())
}

const EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]

/** An authority of its own and a certificate for 127.0.0.1 that it signed. */
async function certificates(name: string): Promise<Required<TlsFiles>> {
  const file = (end: string) => join(folder, `${name}-${end}.pem`)
  await run("req", "-x509", ...EC, "-keyout", file("ca-key"), "-out", file("ca"), "-subj", `/CN=${name}`)
  await run(
    "req",
    "-x509",
    ...EC,
    "-keyout",
    file("key"),
    "-out",
    file("certificate"),
    "-subj",
    "/CN=airside",
    "-CA",
    file("ca"),
    "-CAkey",
    file("ca-key"),
    "-addext",
    "subjectAltName=IP:127.0.0.1,DNS:localhost",
  )
  return { TLS_CERTIFICATE_FILE: file("certificate"), TLS_KEY_FILE: file("key"), TLS_AUTHORITY_FILE: file("ca") }
}

describe.skipIf(!openssl)("mutual TLS", () => {
  test("peers with certificates of one authority speak; nobody else gets in", async () => {
    const ours = rpcCredentials(await certificates("ours"))
    const theirs = rpcCredentials(await certificates("theirs"))
    const server = await startProbe({}, { act: async () => ({ text: "private" }) }, { credentials: ours.server })
    const authority = await Bun.file(join(folder, "ours-ca.pem")).bytes()
    const outcomes = []
    const addresses = [`localhost:${server.port}`, `https://localhost:${server.webPort}`]
    for (const credentials of [
      ours.client,
      ChannelCredentials.createSsl(Buffer.from(authority)),
      theirs.client,
      ChannelCredentials.createInsecure(),
    ]) {
      for (const address of addresses) {
        const client = connectProbe(address, { credentials, deadlineSeconds: 5 })
        const outcome = await client.act(REQUEST).catch((error) => error.code)
        outcomes.push(outcome)
        client.close()
      }
    }
    expect(outcomes.slice(0, 2)).toEqual([{ text: "private" }, { text: "private" }])
    for (const refused of outcomes.slice(2)) expect(refused).toBe("UNAVAILABLE")
    const plain = connectProbe(`http://localhost:${server.webPort}`, { credentials: ours.client, deadlineSeconds: 2 })
    expect(await failureOf(plain.act(REQUEST))).toMatchObject({ code: "UNAVAILABLE" })
    await server.drain()
  })
})

test("without settings it is plaintext; half the settings or a missing file are told as bad settings", async () => {
  const server = await startProbe({}, { act: async () => ({ text: "plain" }) })
  const client = connectProbe(server.address)
  expect(await client.act(REQUEST)).toEqual({ text: "plain" })
  client.close()
  await server.drain()
  expect(() => rpcCredentials({ TLS_KEY_FILE: "x" })).toThrow(ConfigError)
  const missing = { TLS_CERTIFICATE_FILE: "/no/c", TLS_KEY_FILE: "/no/k", TLS_AUTHORITY_FILE: "/no/a" }
  expect(() => rpcCredentials(missing)).toThrow(/TLS file \/no\/c cannot be read/)
  expect(await failureOf(Promise.try(() => rpcCredentials(missing)))).toBeInstanceOf(ConfigError)
})

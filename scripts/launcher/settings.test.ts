import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { readConfig } from "@airside/kernel/config"
import { completeEnvironment, readEnvironment, readInstallation } from "./settings.ts"

let dataDir: string
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), "airside-settings-"))
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

test("every bad value is named at once, secrets without their text", () => {
  const read = () =>
    readInstallation({
      UI_PORT: "eighty",
      DATABASE_URL: "mysql://root:hunter2@db/flights",
      HOLD_SECONDS: "-1",
      RESTART: "maybe",
      LOYALTY_PORT: "8002",
      TLS_KEY_FILE: "key.pem",
      BACKEND_ADDRESS: "nowhere",
    })
  const names = [
    "UI_PORT",
    "DATABASE_URL",
    "HOLD_SECONDS",
    "RESTART",
    "LOYALTY_PORT",
    "TLS_KEY_FILE",
    "BACKEND_ADDRESS",
  ]
  for (const name of names) expect(read).toThrow(name)
  expect(read).not.toThrow("hunter2")
})

test("placeholders count as not set, so the sandbox and the embedded server are used", () => {
  const installation = readInstallation({
    STRIPE_SECRET_KEY: "sk_test_your_key_here",
    STRIPE_WEBHOOK_SECRET: "whsec_your_webhook_secret_here",
    DATABASE_URL: " ",
  })
  expect(installation).toMatchObject({ sandbox: true, embedded: true })
})

test("a Stripe key of one's own: no sandbox and none of its keys", async () => {
  const given = { STRIPE_SECRET_KEY: "sk_test_mine", DATA_DIR: dataDir }
  const installation = readInstallation(given)
  const environment = await completeEnvironment(installation, given)
  expect(installation.sandbox).toBe(false)
  expect(environment.STRIPE_SECRET_KEY).toBe("sk_test_mine")
  expect(environment.STRIPE_API_BASE).toBeUndefined()
  expect(environment.STRIPE_WEBHOOK_SECRET).toBeUndefined()
})

test("production does not take the sandbox's payments", () => {
  expect(() => readInstallation({ NODE_ENV: "production" })).toThrow("STRIPE_SECRET_KEY")
})

test("addresses follow the ports, and what was given stays", async () => {
  const given = { DATA_DIR: dataDir, BACKEND_WEB_PORT: "9101", PAYMENT_ADDRESS: "pay.internal:8002", HOST: "0.0.0.0" }
  const environment = await completeEnvironment(readInstallation(given), given)
  expect(environment).toMatchObject({
    BACKEND_ADDRESS: "http://127.0.0.1:9101",
    LOYALTY_ADDRESS: "http://127.0.0.1:8103",
    PAYMENT_ADDRESS: "pay.internal:8002",
    PUBLIC_URL: "http://localhost:8000",
  })
})

test("further backends have ports of their own, and clients know all of them", async () => {
  const given = { DATA_DIR: dataDir, FURTHER_BACKEND_PORTS: "8011, 8021" }
  const environment = await completeEnvironment(readInstallation(given), given)
  expect(environment.BACKEND_ADDRESS).toBe("127.0.0.1:8001,127.0.0.1:8011,127.0.0.1:8021")
  for (const taken of ["8001", "8011,8011", "8011,8003", "8101"]) {
    expect(() => readInstallation({ FURTHER_BACKEND_PORTS: taken })).toThrow("a port of its own")
  }
})

test("an own PostgreSQL is reached by each service as its own role", async () => {
  const given = { DATA_DIR: dataDir, DATABASE_URL: "postgres://admin:secret@db.internal:5433/flights" }
  const environment = await completeEnvironment(readInstallation(given), given)
  const url = new URL(environment.PAYMENT_DATABASE_URL!)
  expect(url).toMatchObject({ username: "payment", hostname: "db.internal", port: "5433", pathname: "/flights" })
  expect(url.password).not.toBe("secret")
})

test("keys are made once, complete a valid configuration, and are readable by their owner alone", async () => {
  const given = { DATA_DIR: dataDir }
  const first = await completeEnvironment(readInstallation(given), given)
  const second = await completeEnvironment(readInstallation(given), given)
  expect(second).toEqual(first)
  expect(statSync(join(dataDir, "keys.json")).mode & 0o777).toBe(0o600)

  const config = readConfig(["BACKEND_PRIVATE_KEY", "UI_PRIVATE_KEY", "IDENTITY_PUBLIC_KEYS", "OFFER_KEY"], first)
  const published = config.IDENTITY_PUBLIC_KEYS.keys
  expect(published).toMatchObject([{ kid: "backend" }, { kid: "ui" }])
  expect(published.some((key) => "d" in key)).toBe(false)
  const words = new TextEncoder().encode("signed")
  const sign = await crypto.subtle.importKey("jwk", config.BACKEND_PRIVATE_KEY as JsonWebKey, "Ed25519", false, [
    "sign",
  ])
  const verify = await crypto.subtle.importKey("jwk", published[0]!, "Ed25519", false, ["verify"])
  const signature = await crypto.subtle.sign("Ed25519", sign, words)
  expect(await crypto.subtle.verify("Ed25519", verify, signature, words)).toBe(true)
})

test("a key that a later version needs is added to the others", async () => {
  const path = join(dataDir, "keys.json")
  const { offerKey, ...older } = JSON.parse(readFileSync(path, "utf8"))
  writeFileSync(path, JSON.stringify(older))
  const given = { DATA_DIR: dataDir }
  await completeEnvironment(readInstallation(given), given)
  const keys = JSON.parse(readFileSync(path, "utf8"))
  expect(keys).toMatchObject(older)
  expect(keys.offerKey).not.toBe(offerKey)
})

test("the environment goes over .env", () => {
  writeFileSync(join(dataDir, ".env"), "UI_PORT=9000\nSELLING_CURRENCY=EUR # where we sell\n")
  const environment = readEnvironment(dataDir, { UI_PORT: "9100" })
  expect(environment).toEqual({ UI_PORT: "9100", SELLING_CURRENCY: "EUR" })
})

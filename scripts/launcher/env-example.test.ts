import { expect, test } from "bun:test"
import { join } from "node:path"
import { parseEnv } from "node:util"
import { SETTINGS } from "@airside/kernel/config"
import { envExample } from "./env-example.ts"
import { ROOT, readInstallation } from "./settings.ts"

const written = await Bun.file(join(ROOT, ".env.example")).text()

test(".env.example is what the table of settings says (bun scripts/launcher/env-example.ts writes it)", () => {
  expect(written).toBe(envExample())
})

test("every setting is in it once, and the predecessor's variables are set to what they were", () => {
  const named = [...written.matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1])
  expect(named.toSorted()).toEqual(Object.keys(SETTINGS).toSorted())
  expect(parseEnv(written)).toEqual({
    STRIPE_PUBLISHABLE_KEY: "pk_test_your_key_here",
    STRIPE_SECRET_KEY: "sk_test_your_key_here",
    STRIPE_WEBHOOK_SECRET: "whsec_your_webhook_secret_here",
    POSTGRES_DB: "flight_booking",
    POSTGRES_USER: "postgres",
    POSTGRES_PASSWORD: "postgres",
  })
})

test("copied to .env as it is, it changes nothing", () => {
  expect(readInstallation(parseEnv(written))).toEqual(readInstallation({}))
})

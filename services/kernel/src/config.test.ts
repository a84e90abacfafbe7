import { expect, test } from "bun:test"
import { ConfigError, givenValue, readConfig } from "./config.ts"

test("every missing and malformed value is named at once, and secrets are not shown", () => {
  const environment = { UI_PORT: "99999", PUBLIC_URL: "ftp://x", LOG_LEVEL: "loud", OFFER_KEY: "short-and-secret" }
  const read = () =>
    readConfig(["UI_PORT", "PUBLIC_URL", "LOG_LEVEL", "OFFER_KEY", "BACKEND_DATABASE_URL", "HOLD_SECONDS"], environment)
  expect(read).toThrow(ConfigError)
  const lines = (() => {
    try {
      return read() && []
    } catch (error) {
      return (error as Error).message.split("\n")
    }
  })()
  const named = lines.map((line) => String(line).split(" ")[0])
  expect(named).toEqual(["UI_PORT", "PUBLIC_URL", "LOG_LEVEL", "OFFER_KEY", "BACKEND_DATABASE_URL"])
  expect(lines.join("\n")).toContain('(is "99999")')
  expect(lines.join("\n")).not.toContain("short-and-secret")
})

test("empty values and the seed's placeholders count as not set", () => {
  for (const value of ["", "  ", "sk_test_your_key_here", "whsec_your_webhook_secret_here", undefined]) {
    expect(givenValue(value)).toBeUndefined()
  }
  expect(givenValue(" sk_test_1 ")).toBe("sk_test_1")
  expect(
    readConfig(["UI_PORT", "STRIPE_SECRET_KEY"], { UI_PORT: "", STRIPE_SECRET_KEY: "sk_test_your_key_here" }),
  ).toEqual({
    UI_PORT: 8000,
  } as never)
})

test("values are parsed, not passed on", () => {
  const environment = { HOLD_SECONDS: "60", DATABASE_PREPARE: "off", PUBLIC_URL: "https://fly.example/" }
  expect(readConfig(["HOLD_SECONDS", "DATABASE_PREPARE", "PUBLIC_URL"], environment)).toEqual({
    HOLD_SECONDS: 60,
    DATABASE_PREPARE: false,
    PUBLIC_URL: "https://fly.example",
  })
  for (const wrong of ["1.5", "-1", "0", "1e3", "60s", "9999999999"]) {
    expect(() => readConfig(["HOLD_SECONDS"], { HOLD_SECONDS: wrong })).toThrow("HOLD_SECONDS")
  }
})

test("a service has a URL for gRPC-Web, or for gRPC one address by name or several by number", () => {
  const read = (BACKEND_ADDRESS: string) => readConfig(["BACKEND_ADDRESS"], { BACKEND_ADDRESS }).BACKEND_ADDRESS
  expect(read("backend-service:8001")).toBe("backend-service:8001")
  expect(read("10.0.0.1:8001, 10.0.0.2:8001")).toBe("10.0.0.1:8001,10.0.0.2:8001")
  expect(read("http://backend-service:8101/")).toBe("http://backend-service:8101")
  expect(read("https://Backend:443")).toBe("https://backend")
  for (const wrong of [
    "http://a:1?b",
    "http://me@a:1",
    "backend",
    "a:1,b:2",
    "10.0.0.1:8001,",
    "ftp://a:1",
    "http://a:1,b:2",
    "http://a:1/b",
    "http://",
  ])
    expect(() => read(wrong)).toThrow("BACKEND_ADDRESS")
})

import { expect, test } from "bun:test"
import { importProblems } from "./check-imports.ts"

const dependencies = new Map([
  ["", new Set(["fast-check"])],
  ["services/payment", new Set(["stripe"])],
  ["services/backend", new Set(["lucia"])],
])
const problems = (path: string, text: string) => importProblems([{ path, text }], dependencies)

const BREACHES: [rule: string, path: string, text: string][] = [
  ["a service imports another one", "services/backend/src/a.ts", 'import { b } from "../../payment/src/b.ts"'],
  ["a type of another service", "ui/src/a.tsx", 'import type { B } from "../../services/backend/src/b.ts"'],
  ["a service as a package", "services/backend/src/a.ts", 'const x = await import("@airside/payment/main")'],
  [
    "the kernel knows a service's protos",
    "services/kernel/src/a.ts",
    'import "@airside/protos/airside/flights/v1/flights"',
  ],
  ["a package that is not declared", "services/backend/src/a.ts", 'import Stripe from "stripe"'],
  ["a package for tests in the product", "services/backend/src/a.ts", 'import fc from "fast-check"'],
  ["scripts reach into a service", "scripts/a.ts", 'import { b } from "../services/backend/src/b.ts"'],
  ["a transaction beside the kernel", "services/backend/src/a.ts", "await sql.begin(async (tx) => {})"],
  ["a reserved connection", "services/backend/src/a.ts", "const one = await sql.reserve()"],
  ["the environment outside main", "services/backend/src/a.ts", "const port = process.env.PORT"],
  ["hx-on", "ui/src/pages/a.tsx", '<button hx-on:click="go()">'],
  ["a script from outside", "ui/src/layout.tsx", '<script src="https://cdn.example.com/x.js">'],
]

for (const [rule, path, text] of BREACHES) {
  test(`refused: ${rule}`, () => {
    expect(problems(path, text)).toHaveLength(1)
  })
}

const ALLOWED: [rule: string, path: string, text: string][] = [
  ["its own files", "services/backend/src/a/b.ts", 'import { c } from "../c.ts"'],
  [
    "kernel and protos",
    "services/backend/src/a.ts",
    'import "@airside/kernel/sql"\nimport "@airside/protos/airside/x"',
  ],
  ["what it declares, and a part of it", "services/payment/src/a.ts", 'import Stripe from "stripe/webhooks"'],
  ["a root package in a test", "services/backend/src/a.test.ts", 'import fc from "fast-check"'],
  ["a service's seed in a script", "scripts/a.ts", 'import { places } from "../services/backend/seed/places.ts"'],
  ["a word in a comment", "services/backend/src/a.ts", "// never sql.begin( here, see https://example.com"],
  ["a namespace", "ui/src/a.tsx", '<svg xmlns="http://www.w3.org/2000/svg">'],
  ["the environment in main", "services/backend/src/main.ts", "readConfig([], process.env)"],
]

for (const [rule, path, text] of ALLOWED) {
  test(`allowed: ${rule}`, () => {
    expect(problems(path, text)).toEqual([])
  })
}

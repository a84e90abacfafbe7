/** `bun scripts/ci.ts`: every check that a change must pass, then all tests. The last line counts the tests. */

import { resolve } from "node:path"
import { installDependencies } from "./launcher/install.ts"

const ROOT = resolve(import.meta.dir, "..")

const CHECKS: { name: string; words: string[] }[] = [
  { name: "lint", words: ["bunx", "biome", "check", "."] },
  { name: "types", words: ["bunx", "tsc", "--noEmit"] },
  { name: "protos", words: ["bunx", "buf", "lint"] },
  { name: "proto compatibility", words: ["scripts/check-breaking.ts"] },
  { name: "generated code", words: ["scripts/gen.ts", "--check"] },
  { name: "imports", words: ["scripts/check-imports.ts"] },
]

installDependencies(ROOT)
const failures: string[] = []
for (const { name, words } of CHECKS) {
  const started = performance.now()
  const [first, ...rest] = words
  const command = first === "bunx" ? [process.execPath, "x", "--bun", ...rest] : [process.execPath, first!, ...rest]
  const check = Bun.spawnSync(command, { cwd: ROOT, stdin: "ignore", stdout: "inherit", stderr: "inherit" })
  console.log(`${check.success ? "ok" : "FAILED"}: ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  if (!check.success) failures.push(name)
}

const { report, runTests } = await import("./launcher/run-tests.ts")
const result = await runTests([])
if (failures.length > 0) result.problems.push(`FAILED CHECKS: ${failures.join(", ")}`)
const code = report(result)
process.exit(failures.length > 0 ? 1 : code)

import { expect, test } from "bun:test"
import { join } from "node:path"
import { SETTINGS } from "@airside/kernel/config"
import { PROCESSES } from "./processes.ts"
import { ROOT } from "./settings.ts"

for (const { name, script, settings } of PROCESSES) {
  test(`${name} is started with exactly the settings that it reads`, async () => {
    // ui lists the settings that its pages use beside them.
    const files = [script, script.replace("main.ts", "context.ts")].map((path) => Bun.file(join(ROOT, path)))
    const source = (await Promise.all(files.map(async (file) => ((await file.exists()) ? file.text() : "")))).join("\n")
    const read = Object.keys(SETTINGS).filter((setting) => source.includes(`"${setting}"`))
    // Libraries read NODE_ENV too.
    expect(new Set<string>(settings)).toEqual(new Set(["NODE_ENV", ...read]))
  })
}

/**
 * `bun run gen` writes protos/gen from protos/; with --check it changes nothing and exits 1 when the committed code
 * is not what the protos say. The descriptor set is what every service answers reflection from.
 */
import { cp, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { $ } from "bun"

const root = join(import.meta.dir, "..")
const committed = join(root, "protos/gen")

const scratch = await mkdtemp(join(tmpdir(), "airside-gen-"))
try {
  await generate(scratch)
  if (process.argv.includes("--check")) {
    const drift = await $`diff -rq ${committed} ${scratch}/protos/gen`.nothrow().quiet()
    if (drift.exitCode !== 0) {
      console.error(`protos/gen is not what protos/ says; run: bun run gen\n${drift.stdout}`)
      process.exitCode = 1
    }
  } else {
    await rm(committed, { recursive: true, force: true })
    await cp(join(scratch, "protos/gen"), committed, { recursive: true })
  }
} finally {
  await rm(scratch, { recursive: true, force: true })
}

async function generate(folder: string) {
  await $`bunx buf generate --include-imports --output ${folder}`.cwd(root).quiet()
  await $`bunx buf build --output ${folder}/protos/gen/descriptors.binpb`.cwd(root).quiet()
}

/**
 * `bun run breaking [REF]`: does protos/ break what a release promised? Compares with REF, or with the newest tag v…;
 * before the first release nothing is promised, and it says so. Exit codes: 0 compatible, 1 not.
 */
import { join } from "node:path"

const root = join(import.meta.dir, "..")
const reference = process.argv[2] ?? newestRelease()
if (!reference) {
  console.log("there is no release yet that protos/ could break; compare with: bun run breaking REF")
  process.exit(0)
}
const commit = git("rev-parse", "--verify", `${reference}^{commit}`)
if (!commit) {
  console.error(`${reference} is no commit of this repository`)
  process.exit(1)
}
const buf = Bun.spawnSync([process.execPath, "x", "buf", "breaking", "--against", `.git#ref=${commit},depth=10000`], {
  cwd: root,
  stdin: "ignore",
  stdout: "inherit",
  stderr: "inherit",
})
console.log(buf.success ? `protos/ keeps what ${reference} promised` : `protos/ breaks what ${reference} promised`)
process.exit(buf.success ? 0 : 1)

function newestRelease(): string | undefined {
  return git("describe", "--tags", "--abbrev=0", "--match", "v*")
}

function git(...words: string[]): string | undefined {
  const run = Bun.spawnSync(["git", ...words], { cwd: root, stderr: "ignore" })
  return run.success ? run.stdout.toString().trim() : undefined
}

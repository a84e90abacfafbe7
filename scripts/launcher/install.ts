import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/**
 * Installs what bun.lock names, patched as patches/ says, unless that was done already. This file and who calls it import nothing from a
 * package. True: something was installed.
 */
export function installDependencies(root: string): boolean {
  const stamp = join(root, "node_modules", ".airside-installed")
  const wanted = fingerprint(root)
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return false
  console.log("installing dependencies …")
  const install = Bun.spawnSync([process.execPath, "install", "--frozen-lockfile"], {
    cwd: root,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  })
  if (!install.success) {
    console.error(`${install.stdout}${install.stderr}`.trimEnd())
    console.error("bun install failed: Airside cannot start without its dependencies")
    process.exit(1)
  }
  writeFileSync(stamp, wanted)
  return true
}

function fingerprint(root: string): string {
  const hasher = new Bun.CryptoHasher("sha256").update(readFileSync(join(root, "bun.lock")))
  for (const patch of readdirSync(join(root, "patches")).sort())
    hasher.update(readFileSync(join(root, "patches", patch)))
  return hasher.digest("hex")
}

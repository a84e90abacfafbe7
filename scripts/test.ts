/** `bun run test [what bun test takes]`: everything, or the named folders and files. */

import { resolve } from "node:path"
import { installDependencies } from "./launcher/install.ts"

installDependencies(resolve(import.meta.dir, ".."))
const { report, runTests } = await import("./launcher/run-tests.ts")
process.exit(report(await runTests(process.argv.slice(2))))

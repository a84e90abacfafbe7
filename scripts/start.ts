/** `bun run start`: everything that Airside needs, from an empty machine to a page. */

import { resolve } from "node:path"
import { installDependencies } from "./launcher/install.ts"

installDependencies(resolve(import.meta.dir, ".."))
const { startAirside } = await import("./launcher/start-airside.ts")
process.exit(await startAirside())

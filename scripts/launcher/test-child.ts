/** A process for the supervisor's tests: it writes down when it came and left. `die`: at once; `deaf`: never drains. */

import { appendFileSync, writeFileSync } from "node:fs"
import { leaveWithSupervisor } from "@airside/kernel/lifeline"

const { EVENTS = "", PID_FILE = "", NAME = "" } = process.env
const behaviour = process.argv[2]

function die() {
  console.error("out of fuel")
  process.exit(7)
}

if (behaviour === "die") die()
process.on("SIGUSR1", die)
leaveWithSupervisor(async () => {
  if (behaviour === "deaf") await new Promise(() => {})
  appendFileSync(EVENTS, `${NAME} left\n`)
})
setInterval(() => {}, 1000)
appendFileSync(EVENTS, `${NAME} up\n`)
writeFileSync(PID_FILE, String(process.pid))

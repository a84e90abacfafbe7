/**
 * Proves that the checker can fail: a copy of the product in which one guard is taken out is put through the rounds that
 * the guard is for, and the checker has to notice.
 */

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ROOT } from "../launcher/settings.ts"
import type { Report } from "./report.ts"

interface Guard {
  sentence: string
  /** What is taken out, and what takes its place. Every text is there exactly once, or the guard has moved. */
  patches: { file: string; text: string; by: string }[]
  faults: string
  /** Which invariant has to break. */
  invariant: string
}

export const GUARDS: Record<string, Guard> = {
  capacity: {
    sentence: "seats are held whether there are any or not",
    patches: [
      {
        file: "services/backend/src/bookings/inventory.ts",
        text: "departure.capacity - taken < seats",
        by: "false",
      },
      {
        file: "services/backend/migrations/0001_backend.sql",
        text: "check (held + sold <= capacity)",
        by: "check (true)",
      },
    ],
    faults: "pool:exhausted",
    invariant: "oversold",
  },
  "event-dedupe": {
    sentence: "money of a payment that was settled before is taken for a stranger's",
    patches: [
      {
        file: "services/backend/src/bookings/settle-payment.ts",
        text: "if (booking.settledPaymentId === payment.id) return",
        by: "",
      },
    ],
    faults: "webhook:tenfold",
    invariant: "ticket-for-nothing",
  },
  "cancel-before-release": {
    sentence: "seats are released while the payment is still open",
    patches: [
      {
        file: "services/backend/src/bookings/steps.ts",
        text: "async function expire(context: Context, booking: BookingRow): Promise<BookingRow | undefined> {\n  const payment = await closePayment(context, booking)",
        by: "async function expire(context: Context, booking: BookingRow): Promise<BookingRow | undefined> {\n  const payment = undefined as Payment | undefined",
      },
    ],
    faults: "race:late-page+webhook:never",
    invariant: "paid-for-nothing",
  },
}

const ROUNDS = 3

/** Answers 0 when the checker noticed. */
export async function runBroken(name: string, { seed }: { seed: number }): Promise<number> {
  const guard = GUARDS[name]
  if (!guard) throw new Error(`no guard is called ${name}: there are ${Object.keys(GUARDS).join(", ")}`)
  const copy = mkdtempSync(join(tmpdir(), "airside-broken-"))
  try {
    copyTree(copy)
    for (const patch of guard.patches) takeOut(copy, patch)
    console.log(`taken out: ${guard.sentence}`)
    const report = await chaosIn(copy, ["--seed", String(seed), "--rounds", String(ROUNDS), "--faults", guard.faults])
    const count = report.invariants[guard.invariant]!
    console.log(`${guard.invariant}: ${count} found by the checker in ${report.rounds} rounds`)
    return count > 0 ? 0 : 1
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** The tree without what is installed, which is linked, and with the workspaces' links leading into the copy. */
function copyTree(copy: string) {
  for (const name of ["package.json", "tsconfig.json", "protos", "services", "ui", "scripts"]) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true })
  }
  const modules = join(ROOT, "node_modules")
  mkdirSync(join(copy, "node_modules/@airside"), { recursive: true })
  for (const name of readdirSync(modules)) {
    if (name !== "@airside") symlinkSync(join(modules, name), join(copy, "node_modules", name))
  }
  for (const name of readdirSync(join(modules, "@airside"))) {
    symlinkSync(readlinkSync(join(modules, "@airside", name)), join(copy, "node_modules/@airside", name))
  }
}

function takeOut(copy: string, { file, text, by }: Guard["patches"][number]) {
  const path = join(copy, file)
  const parts = readFileSync(path, "utf8").split(text)
  if (parts.length !== 2)
    throw new Error(`${file} has ${JSON.stringify(text)} ${parts.length - 1} times: the guard has moved`)
  writeFileSync(path, parts.join(by))
}

async function chaosIn(copy: string, args: string[]): Promise<Report> {
  const child = Bun.spawn([process.execPath, join(copy, "scripts/chaos.ts"), "--json", ...args], {
    cwd: copy,
    stdout: "pipe",
    stderr: "inherit",
  })
  const text = await new Response(child.stdout).text()
  await child.exited
  if (!text.startsWith("{")) throw new Error("the copy's run ended without a report")
  return JSON.parse(text) as Report
}

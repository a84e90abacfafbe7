import { afterAll, beforeAll, expect, test } from "bun:test"
import { join } from "node:path"
import { freePorts, until, type World } from "@airside/kernel/testing"
import { client, offerTokens, orderOf, startSeededWorld } from "./world.ts"

const ROOT = join(import.meta.dir, "../../..")
const CUSTOMERS = 6
const [firstPort, secondPort] = freePorts(2)

let world: World
let second: Bun.Subprocess

beforeAll(async () => {
  world = await startSeededWorld({
    BACKEND_PORT: String(firstPort),
    BACKEND_ADDRESS: `127.0.0.1:${firstPort},127.0.0.1:${secondPort}`,
  })
  second = await startSecond()
}, 60_000)
afterAll(async () => {
  second?.kill("SIGKILL")
  await second?.exited
  await world?.stop()
})

async function startSecond() {
  const child = Bun.spawn([process.execPath, join(ROOT, "services/backend/src/main.ts")], {
    env: { PATH: process.env.PATH, ...world.environment, BACKEND_PORT: String(secondPort), BACKEND_WEB_PORT: "" },
    stdin: "pipe",
    stdout: "ignore",
    stderr: "inherit",
  })
  const listens = async () => {
    const connecting = Bun.connect({ hostname: "127.0.0.1", port: secondPort!, socket: { data() {} } })
    const socket = await connecting.catch(() => undefined)
    socket?.end()
    return socket !== undefined
  }
  await until(listens, 20, "the second backend")
  return child
}

test("two backends are restarted one after the other while people book: nobody notices", async () => {
  const failures: unknown[] = []
  let confirmed = 0
  let goesOn = true
  const ask = client(world.uiUrl)

  /** Searches, holds, looks, pays and looks again, as a guest. Answers whether the booking was confirmed. */
  const buy = async (): Promise<boolean> => {
    const booked = await ask("POST", "/api/flights/book", orderOf(await offerTokens(ask)))
    if (booked.status !== 201) throw new Error(`hold: ${JSON.stringify(booked.body)}`)
    const { reference } = booked.body.booking
    const guest = client(world.uiUrl, booked.body.access_token)
    const card = { booking_reference: reference, payment_method: "pm_card_visa" }
    const answers = [
      await guest("GET", `/api/bookings/${reference}`),
      await guest("POST", "/api/payments/process", card),
      await guest("GET", `/api/bookings/${reference}`),
    ]
    const bad = answers.find(({ status }) => status !== 200)
    if (bad) throw new Error(JSON.stringify(bad.body))
    return answers[2]!.body.booking.status === "confirmed"
  }
  const customers = Array.from({ length: CUSTOMERS }, async () => {
    while (goesOn) {
      const bought = await buy().catch((error) => void failures.push(error))
      if (bought) confirmed++
    }
  })
  const more = async () => {
    const enough = confirmed + CUSTOMERS
    await until(async () => confirmed >= enough || failures.length > 0, 20, "more bookings")
  }

  await more()
  await world.kill("backend")
  await more()
  await world.start("backend")
  await more()
  second.kill("SIGTERM")
  expect(await second.exited).toBe(0)
  await more()
  second = await startSecond()
  await more()
  goesOn = false
  await Promise.all(customers)
  expect(failures).toEqual([])
}, 90_000)

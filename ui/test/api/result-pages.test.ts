import { afterAll, beforeAll, expect, test } from "bun:test"
import { connectDatabase } from "@airside/kernel/sql"
import { until, type World } from "@airside/kernel/testing"
import { type Ask, client, inDays, orderOf, startSeededWorld } from "./world.ts"

let world: World
let anybody: Ask
const ROUTE = { origin: "LHR", destination: "JFK", depart_date: inDays(45) }

beforeAll(async () => {
  world = await startSeededWorld()
  anybody = client(world.uiUrl)
  const { sql, close } = connectDatabase({ url: world.database.urlOf("backend"), connections: 1 })
  await sql`
    update flight_cabins set capacity = 10
    where flight_id in (select id from flights where origin = ${ROUTE.origin} and destination = ${ROUTE.destination})`
  await sql`update schedule set version = version + 1`
  await close()
}, 60_000)
afterAll(() => world?.stop())

const page = async (party = {}) => {
  const query = new URLSearchParams({ ...ROUTE, cabin: "economy", adults: "1", ...party })
  const response = await fetch(`${world.uiUrl}/flights?${query}`)
  return { status: response.status, text: await response.text() }
}

/** From the outside a page that is kept shows by being the same, offer tokens and their expiry included. */
async function isKept(): Promise<boolean> {
  const { text } = await page()
  await Bun.sleep(1100) // tokens made now would expire in another second
  return (await page()).text === text
}

async function holdSeats(count: number) {
  const query = new URLSearchParams({ ...ROUTE, adults: String(count), max_connections: "0" })
  const { slices } = (await anybody("GET", `/api/flights/search?${query}`)).body
  const order = orderOf([slices[0].offers[0].token])
  const passengers = Array.from({ length: count }, () => order.passengers[0])
  const held = await anybody("POST", "/api/flights/book", { ...order, passengers })
  expect(held.status).toBe(201)
}

test("a page of results that is kept shows seats that somebody else has taken", async () => {
  await until(isKept, 15, "the page being kept")
  await holdSeats(7)
  await until(async () => (await page()).text.includes("3 seats left"), 5, "the last seats showing")
  await until(isKept, 15, "the page being kept again")
  await holdSeats(3)
  await until(async () => !(await page()).text.includes("seats left"), 5, "the flight being gone")
})

test("when backend is away for more than a second nothing is shown that it may have changed", async () => {
  await until(isKept, 15, "the page being kept")
  await world.kill("backend", "SIGKILL")
  await until(async () => (await page()).status === 503, 10, "the page being gone")
  await world.start("backend")
  await until(async () => (await page()).status === 200, 15, "the page being back")
}, 60_000)

import { afterAll, beforeAll, expect, test } from "bun:test"
import { rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { until } from "@airside/kernel/testing"
import { BookingStatus } from "@airside/protos/airside/bookings/v1/bookings"
import type { SearchFlightsRequest } from "@airside/protos/airside/flights/v1/flights"
import { type BackendWorld, daysFromNow, hold, offersFor, startBackendWorld } from "../testing.ts"
import { dataSet, type Fields, leg } from "./ssim-testing.ts"

let world: BackendWorld
beforeAll(async () => {
  world = await startBackendWorld()
})
afterAll(() => world.stop())

/** "05JAN27" of "2027-01-05". */
function ddmmmyy(date: string): string {
  const [, day, month, year] = new Date(date).toUTCString().split(" ")
  return `${day}${month!.toUpperCase()}${year!.slice(2)}`
}

/** Imports the legs, in UTC, and gives the offers of a journey with up to one connection as soon as there are some. */
async function offersAfterImport(
  legs: Fields[],
  route: Pick<SearchFlightsRequest, "origin" | "destination" | "departDate">,
) {
  const file = join(tmpdir(), `${crypto.randomUUID()}.ssim`)
  writeFileSync(file, dataSet(legs, { 2: "U" }).join("\n"))
  await world.world.run("import-ssim", file).finally(() => rmSync(file))
  const offers = async () => {
    const found = await offersFor(world, { ...route, maxConnections: 1 })
    return found.length > 0 && found
  }
  return until(offers, 10, "search following the import")
}

test("an import is found without a restart: a flight of two legs, in UTC, sold leg by leg", async () => {
  const [monday, tuesday] = [daysFromNow(40), daysFromNow(41)]
  const first = { 6: " 205", 15: ddmmmyy(monday), 22: ddmmmyy(monday), 55: "DXB", 44: "2200", 48: "+0000", 58: "0500" }
  const second = { 6: " 205", 12: "02", 15: ddmmmyy(tuesday), 22: ddmmmyy(tuesday), 37: "DXB", 44: "0700", 55: "SIN" }
  const legs = [
    leg({ ...first, 66: "+0400", 193: "01" }),
    leg({ ...second, 48: "+0400", 58: "1430", 66: "+0800", 193: "11" }),
  ]
  const [offer] = await offersAfterImport(legs, { origin: "LHR", destination: "SIN", departDate: monday })
  expect(
    offer!.segments.map(({ flightNumber, origin, destination }) => `${flightNumber} ${origin}-${destination}`),
  ).toEqual(["ZZ205 LHR-DXB", "ZZ205 DXB-SIN"])
  const instants = offer!.segments.flatMap(({ departsAt, arrivesAt }) => [departsAt, arrivesAt])
  expect(instants.map((time) => new Date(time).toISOString().slice(0, 16))).toEqual([
    `${monday}T22:00`,
    ...[`${tuesday}T05:00`, `${tuesday}T07:00`, `${tuesday}T14:30`],
  ])
})

test("who stays aboard needs no time to change: a stop of twenty minutes is sold, another flight so soon is not", async () => {
  const date = daysFromNow(47)
  const days = { 15: ddmmmyy(date), 22: ddmmmyy(date) }
  const stop = { ...days, 37: "DXB", 44: "0820", 48: "+0400", 55: "BKK", 58: "1420", 66: "+0700" }
  const legs = [
    leg({ ...days, 6: " 301", 44: "0100", 55: "DXB", 58: "0800", 66: "+0400" }),
    leg({ ...stop, 6: " 301", 12: "02" }),
    leg({ ...stop, 6: " 302", 44: "0815", 58: "1400" }),
  ]
  const offers = await offersAfterImport(legs, { origin: "LHR", destination: "BKK", departDate: date })
  expect(
    offers.map(({ connections, segments }) => [connections, ...segments.map(({ flightNumber }) => flightNumber)]),
  ).toEqual([[1, "ZZ301", "ZZ301"]])
  expect((await hold(world, { origin: "LHR", destination: "BKK", departDate: date })).booking.status).toBe(
    BookingStatus.HELD,
  )
})

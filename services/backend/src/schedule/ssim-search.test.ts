import { afterAll, beforeAll, expect, test } from "bun:test"
import { rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { until } from "@airside/kernel/testing"
import { type BackendWorld, daysFromNow, offersFor, startBackendWorld } from "../testing.ts"
import { dataSet, leg } from "./ssim-testing.ts"

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

test("an import is found without a restart: a flight of two legs, in UTC, sold leg by leg", async () => {
  const [monday, tuesday] = [daysFromNow(40), daysFromNow(41)]
  const first = { 6: " 205", 15: ddmmmyy(monday), 22: ddmmmyy(monday), 55: "DXB", 44: "2200", 48: "+0000", 58: "0500" }
  const second = { 6: " 205", 12: "02", 15: ddmmmyy(tuesday), 22: ddmmmyy(tuesday), 37: "DXB", 44: "0700", 55: "SIN" }
  const file = join(tmpdir(), `${crypto.randomUUID()}.ssim`)
  const legs = [
    leg({ ...first, 66: "+0400", 193: "01" }),
    leg({ ...second, 48: "+0400", 58: "1430", 66: "+0800", 193: "11" }),
  ]
  writeFileSync(file, dataSet(legs, { 2: "U" }).join("\n"))
  await world.world.run("import-ssim", file).finally(() => rmSync(file))
  const route = { origin: "LHR", destination: "SIN", departDate: monday, maxConnections: 1 }
  const offer = await until(async () => (await offersFor(world, route))[0], 10, "search following the import")
  expect(
    offer.segments.map(({ flightNumber, origin, destination }) => `${flightNumber} ${origin}-${destination}`),
  ).toEqual(["ZZ205 LHR-DXB", "ZZ205 DXB-SIN"])
  const instants = offer.segments.flatMap(({ departsAt, arrivesAt }) => [departsAt, arrivesAt])
  expect(instants.map((time) => new Date(time).toISOString().slice(0, 16))).toEqual([
    `${monday}T22:00`,
    ...[`${tuesday}T05:00`, `${tuesday}T07:00`, `${tuesday}T14:30`],
  ])
})

import { afterAll, beforeAll, expect, test } from "bun:test"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import { createTestDatabase, type TestDatabase } from "@airside/kernel/testing"
import { importPlaces, parsePlaces } from "./import-places.ts"

const HEADER = "city,airport,code,country"
const WIDE = `${HEADER},time_zone,latitude,longitude,country_code,city_code`

let testDatabase: TestDatabase
let database: Database

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = connectDatabase({ url: testDatabase.urlOf("backend"), connections: 2 })
})

afterAll(async () => {
  await database.close()
  await testDatabase.drop()
})

test("a known code gets everything from the built-in list", () => {
  const { places, skipped } = parsePlaces(`${HEADER}\nOslo,"Oslo Airport, Gardermoen",osl,Norway\n`)
  expect(skipped).toEqual([])
  expect(places).toMatchObject([{ code: "OSL", name: "Oslo Airport", countryCode: "NO", timeZone: "Europe/Oslo" }])
})

test("another code is taken with its zone and coordinates, and its country's code is found by name", () => {
  const { places } = parsePlaces(`${WIDE}\nSamedan,Engadin Airport,SMV,Switzerland,Europe/Zurich,46.534,9.884,\n`)
  expect(places).toEqual([
    {
      code: "SMV",
      name: "Engadin Airport",
      city: "Samedan",
      country: "Switzerland",
      countryCode: "CH",
      timeZone: "Europe/Zurich",
      latitude: 46.534,
      longitude: 9.884,
    },
  ])
})

test("a city's code is taken from its column; an airport's own code says nothing", () => {
  const rows = ["Southend,London Southend Airport,SEN,London,lon", "Samedan,Engadin Airport,SMV,Samedan,SMV"]
  const header = "city,airport,code,country,city_code,time_zone,latitude,longitude,country_code"
  const text = rows.map((row) => `${row},Europe/London,51.571,0.696,GB`).join("\n")
  const { places, skipped } = parsePlaces(`${header}\n${text}\nParis,,CDG,France,XXX\n`)
  expect(skipped).toEqual([])
  expect(places.map(({ code, cityCode }) => [code, cityCode])).toEqual([
    ["SEN", "LON"],
    ["SMV", undefined],
    ["CDG", "PAR"], // the built-in list knows better
  ])
})

test.each([
  [
    "Samedan,Engadin Airport,SMV,Switzerland,,,",
    "SMV is not in the built-in list, so it needs time_zone, latitude, longitude",
  ],
  [
    "Samedan,Engadin Airport,SMV,Switzerland,Europe/Samedan,46.5,9.8",
    'time_zone "Europe/Samedan" is not an IANA zone such as Europe/Vienna',
  ],
  [
    "Samedan,Engadin Airport,SMV,Switzerland,+01:00,46.5,9.8",
    'time_zone "+01:00" is not an IANA zone such as Europe/Vienna',
  ],
  ["Samedan,Engadin Airport,SMV,Switzerland,Europe/Zurich,96.5,9.8", 'latitude "96.5" is not a number of degrees'],
  ["Samedan,Engadin Airport,SMV,Helvetia,Europe/Zurich,46.5,9.8", 'country "Helvetia" needs a country_code'],
  ["Samedan,Engadin Airport,SMV,Switzerland,Europe/Zurich,46.5,9.8,,ENGA", 'city_code "ENGA" is not three letters'],
  ["Samedan,,SMV,Switzerland,Europe/Zurich,46.5,9.8", "airport is empty"],
  ["Samedan,Engadin Airport,LSZS,Switzerland,Europe/Zurich,46.5,9.8", 'code "LSZS" is not three letters'],
])("a bad row is skipped with its line, the others stay: %s", (row, reason) => {
  const { places, skipped, rows } = parsePlaces(`${WIDE}\nOslo,,OSL,\n${row}\nParis,,CDG,\n`)
  expect(skipped).toEqual([{ line: 3, reason, duplicate: false }])
  expect(places.map((place) => place.code)).toEqual(["OSL", "CDG"])
  expect(rows).toBe(3)
})

test("places go in once, whatever is in the file twice or there already", async () => {
  const text = `${HEADER}\nOslo,x,OSL,Norway\nParis,x,CDG,France\nOslo,y,OSL,Norway\n`
  const duplicate = { line: 4, reason: "OSL is on line 2 already", duplicate: true }
  const once = { rows: 3, places: 2, skipped: [duplicate] }
  expect(await importPlaces(database, text, { dryRun: true })).toEqual({ ...once, imported: 2, alreadyThere: 0 })
  expect(await importPlaces(database, text)).toEqual({ ...once, imported: 2, alreadyThere: 0 })
  expect(await importPlaces(database, text)).toEqual({ ...once, imported: 0, alreadyThere: 2 })
  expect(await database.sql`select code from places order by code`).toEqual([{ code: "CDG" }, { code: "OSL" }] as never)
})

test("the cities of places come with them, once, called as built in or else as their first airport's", async () => {
  const header = `${WIDE}\n`
  const row = (city: string, code: string, cityCode: string) =>
    `${city},${city} Airport,${code},United Kingdom,Europe/London,51.5,0.7,GB,${cityCode}\n`
  const text = `${header}${row("Southend", "SEN", "LON")}${row("Upper Field", "QQA", "QQX")}${row("Lower Field", "QQB", "QQX")}`
  const cities = () => database.sql`
    select c.code, c.name, array_agg(p.code order by p.code) as airports
    from cities c join places p on p.city_code = c.code
    group by c.code
    order by c.code`
  const added = [
    { code: "LON", name: "London", airports: ["SEN"] },
    { code: "PAR", name: "Paris", airports: ["CDG"] },
    { code: "QQX", name: "Upper Field", airports: ["QQA", "QQB"] },
  ]
  for (const imported of [3, 0]) {
    expect(await importPlaces(database, text)).toMatchObject({ imported, alreadyThere: 3 - imported, skipped: [] })
    expect((await cities()).map((city) => ({ ...city }))).toEqual(added)
  }
})

test("a place that comes in charges what airports like it do, in the selling currency", async () => {
  await importPlaces(database, `${HEADER}\nBergen,x,BGO,Norway\n`, { sellingCurrency: "KWD" })
  const [charges] = await database.sql`
    select domestic_charge_minor_units as domestic, international_charge_minor_units as international
    from places
    where code = 'BGO'`
  expect(charges as unknown).toEqual({ domestic: 5_000n, international: 8_000n })
})

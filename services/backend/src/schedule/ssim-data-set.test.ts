import { expect, test } from "bun:test"
import fc from "fast-check"
import { readPlaces } from "../../seed/places.ts"
import { BadRow, type SkippedRow, UnreadableFile } from "./import-report.ts"
import { type Leg, readDataSet } from "./ssim-data-set.ts"
import { flightsOf } from "./ssim-flights.ts"
import { readLines } from "./ssim-lines.ts"
import { serialAfter } from "./ssim-records.ts"
import { carrier, chunksOf, dataSet, type Fields, header, leg, numbered, segment, trailer } from "./ssim-testing.ts"

function read(lines: string[]) {
  const legs: Leg[] = []
  const skipped: SkippedRow[] = []
  const reader = readDataSet(
    (found) => legs.push(found),
    (row) => skipped.push(row),
  )
  for (const line of lines) reader.line(line)
  reader.end()
  return { legs, skipped, records: reader.records() }
}

const skippedOf = (...records: Fields[]) =>
  read(dataSet(records)).skipped.map(({ line, column, reason }) => `${line}:${column}: ${reason}`)
const complaint = (lines: string[]) => {
  try {
    read(lines)
  } catch (error) {
    expect(error).toBeInstanceOf(UnreadableFile)
    return (error as Error).message
  }
}

test("every field of a leg is read from its columns: aircraft times, arrivals in reversed order", () => {
  const { legs, skipped, records } = read(
    dataSet([leg({ 2: "D", 36: "2", 40: "0955", 44: "1000", 58: "1220", 62: "1235", 129: "YY ", 149: "S", 150: "A" })]),
  )
  expect(skipped).toEqual([])
  expect(records).toBe(4)
  expect(legs).toEqual([
    {
      ...{ line: 3, timeMode: "local", carrierCode: "ZZ", flightNumber: "100", sequence: 1, serviceType: "J" },
      itinerary: "DZZ  100  01",
      ...{ from: 20906, until: 21121, days: [0, 1, 2, 3, 4, 5, 6], fortnightly: true },
      ...{ origin: "LHR", destination: "CDG", departureMinutes: 600, arrivalMinutes: 740 },
      ...{ departureOffset: 60, arrivalOffset: 120, departureShift: 0, arrivalShift: 0 },
      ...{ aircraftType: "320", aircraftOwner: "YY", disclosure: "S", restriction: "A", configuration: "C012Y156" },
      ...{ validFrom: 20905, validUntil: 21121 },
    },
  ])
})

test("days, dates, times, offsets and day shifts mean what the standard says", () => {
  const fields = { 15: "00XXX00", 22: "00XXX00", 29: "1 3 5  ", 58: "2400", 48: "-0330", 66: "+1245", 193: "A1" }
  expect(read(dataSet([leg(fields)])).legs).toMatchObject([
    {
      ...{ from: undefined, until: undefined, days: [0, 2, 4], arrivalMinutes: 1440 },
      ...{ departureOffset: -210, arrivalOffset: 765, departureShift: -1, arrivalShift: 1 },
    },
  ])
})

test.each([
  [{ 6: "   0" }, '3:6: "   0" is not a flight number from 1 to 9999'],
  [{ 12: "00" }, '3:12: "00" is not a leg sequence number from 01'],
  [{ 15: "31FEB27" }, '3:15: "31FEB27" is not a date such as 05MAR27'],
  [{ 15: "29FEB27" }, '3:15: "29FEB27" is not a date such as 05MAR27'],
  [{ 22: "28MAR27" }, "3:22: the period ends on 28MAR27, before it begins"],
  [{ 29: "1235567" }, '3:32: "5" stands for day 4'],
  [{ 29: "       " }, "3:29: no day of operation"],
  [{ 36: "3" }, '3:36: "3" is not a frequency rate: blank or 2'],
  [{ 37: "L1R" }, '3:37: "L1R" is not an airport code'],
  [{ 44: "2400" }, '3:44: "2400" is not a time of departure'],
  [{ 44: "1260" }, '3:44: "1260" is not a time of departure'],
  [{ 48: "+1560" }, '3:48: "+1560" is not an offset such as +0530'],
  [{ 55: "LHR" }, "3:55: the leg leads from LHR to LHR"],
  [{ 58: "2401" }, '3:58: "2401" is not a time of arrival'],
  [{ 73: "3\u00010" }, '3:73: "3?0" is not an aircraft type'],
  [{ 149: "Q" }, '3:149: "Q" is not an operating airline disclosure: blank, L, S, X or Z'],
  [{ 194: "8" }, '3:194: "8" is not a date variation: A or 0 to 7'],
] as [Fields, string][])("a malformed leg is skipped alone, with line and column: %j", (fields, said) => {
  expect(skippedOf(leg(fields), leg({ 10: "02" }))).toEqual([said])
})

test("legs of an itinerary follow each other in number and place; each variation begins anew", () => {
  const second = { 12: "02", 37: "CDG", 55: "FCO" }
  expect(skippedOf(leg(), leg(second), leg({ 10: "02" }), leg({ 10: "02", ...second }))).toEqual([])
  expect(skippedOf(leg(), leg({ ...second, 12: "03" }))).toEqual([
    "4:12: leg sequence number 3 in place of 2 of the itinerary",
  ])
  expect(skippedOf(leg(), leg({ ...second, 37: "ORY" }))).toEqual([
    "4:37: the leg begins in ORY, the one before it ends in CDG",
  ])
  expect(skippedOf(leg(second))).toEqual(["3:12: leg sequence number 2 in place of 1 of the itinerary"])
  expect(skippedOf(leg({ 44: "9999" }), leg(second))).toEqual(['3:44: "9999" is not a time of departure'])
})

test("segment data belongs to the leg before it, and to none other", () => {
  expect(read(dataSet([leg(), segment("050", "YY  2562"), segment("127", "/LOGANAIR")])).legs).toMatchObject([
    { operatingFlight: "YY 2562", operator: "/LOGANAIR" },
  ])
  expect(read(dataSet([leg({ 173: "XX      " }), segment("108", "F008J048Y240")])).legs[0]!.configuration).toBe(
    "F008J048Y240",
  )
  const other = "segment data of another leg than the one before it"
  expect(skippedOf(leg(), segment("050", "YY 2562", { 6: " 101" }))).toEqual([`4:2: ${other}`])
  expect(skippedOf(segment("050", "YY 2562"))).toEqual([`3:2: ${other}`])
  expect(skippedOf(leg(), segment("5X0", ""))).toEqual(['4:31: "5X0" is not a data element identifier'])
})

test("a file holds several carriers, each in its own time mode, and data sets one after the other", () => {
  const records = [
    ...[header, carrier(), leg(), trailer({ 194: "C" })],
    ...[carrier({ 2: "U", 3: "YY" }), leg({ 3: "YY" }), trailer({ 3: "YY" })],
  ]
  const modes = ({ legs }: { legs: Leg[] }) => legs.map((found) => `${found.carrierCode} ${found.timeMode}`)
  expect(modes(read(numbered(records)))).toEqual(["ZZ local", "YY utc"])
  expect(modes(read([...numbered(records), "0".repeat(200), "", ...dataSet([leg()])]))).toHaveLength(3)
})

test("serial numbers go from 000001 to 999999, and on with 000002", () => {
  const lines = dataSet([leg(), leg({ 10: "02" })])
  lines[3] = `${lines[3]!.slice(0, 194)}000002`
  expect(complaint(lines)).toBe("line 4, column 195: record serial number 2 in place of 4")
  expect([1, 2, 999_998, 999_999].map(serialAfter)).toEqual([2, 3, 999_999, 2])
})

test.each([
  [[0, 143], "line 3, column 144: the record has 143 bytes in place of 200"],
  [[0, 201], "line 3, column 201: the record has 201 bytes in place of 200"],
] as [[number, number], string][])("a record of another length refuses the file: %j", ([from, to], said) => {
  const lines = dataSet([leg()])
  lines[2] = `${lines[2]} `.slice(from, to)
  expect(complaint(lines)).toBe(said)
})

test("a file that is cut, has lost a line or is none of these is refused with line and column", () => {
  const lines = dataSet([leg(), leg({ 10: "02" })])
  expect(complaint([])).toBe("line 1, column 1: the file ends in place of a header record (1)")
  expect(complaint(["origin,destination".padEnd(200)])).toBe(
    'line 1, column 1: record type "o" in place of a header record (1)',
  )
  expect(complaint(lines.slice(0, 4))).toStartWith("line 5, column 1: the file ends in place of a flight leg (3)")
  expect(complaint(lines.toSpliced(2, 1))).toBe("line 3, column 195: record serial number 4 in place of 3")
  expect(complaint(lines.toSpliced(1, 1))).toBe('line 2, column 1: record type "3" in place of a carrier record (2)')
  expect(complaint([...lines, lines[2]!])).toBe('line 6, column 1: record type "3" in place of the end of the file')
})

test.each([
  [carrier({ 2: "X" }), leg(), trailer(), 'line 2, column 2: time mode "X" is neither U (UTC) nor L (local)'],
  [carrier({ 15: "1 MAR27" }), leg(), trailer(), 'line 2, column 15: "1 MAR27" is not a date such as 05MAR27'],
  [
    carrier(),
    leg({ 3: "YY" }),
    trailer(),
    'line 3, column 3: airline "YY " contradicts the carrier record of ZZ on line 2',
  ],
  [
    carrier(),
    leg(),
    trailer({ 3: "Z1" }),
    'line 4, column 3: airline "Z1 " contradicts the carrier record of ZZ on line 2',
  ],
  [carrier(), leg(), trailer({ 194: "C" }), "line 5, column 1: the file ends in place of a carrier record (2)"],
  [carrier(), leg(), trailer({ 194: " " }), 'line 4, column 194: " " is not C (continued) or E (end)'],
] as [Fields, Fields, Fields, string][])("a broken frame refuses the file: %#", (first, second, third, said) => {
  expect(complaint(numbered([header, first, second, third]))).toBe(said)
})

test("a trailer that counts otherwise refuses the file", () => {
  const lines = dataSet([leg()])
  lines[3] = `${lines[3]!.slice(0, 187)}000002${lines[3]!.slice(193)}`
  expect(complaint(lines)).toBe("line 4, column 188: the trailer says that serial number 2 came before it")
})

async function linesOf(text: string, bytes?: number): Promise<string[]> {
  const lines: string[] = []
  for await (const some of readLines(chunksOf(text, bytes))) lines.push(...some)
  return lines
}

test("lines end with LF or CRLF, or there are none; columns are bytes", async () => {
  const lines = dataSet([leg(), leg({ 10: "02" })])
  for (const text of [
    lines.join("\n"),
    `${lines.join("\r\n")}\r\n`,
    lines.join(""),
    `\u00ef\u00bb\u00bf${lines.join("\n")}\n`,
  ]) {
    for (const bytes of [1, 7, 200, 201, 1000, 65536]) expect(await linesOf(text, bytes)).toEqual(lines)
  }
  expect(await linesOf(`${lines.join("\r\n")}\r\n\u001a`)).toEqual(lines)
  expect(await linesOf("1\r\n2\n3", 1)).toEqual(["1", "2", "3"])
})

const places = new Map(readPlaces().map((place) => [place.code, place]))

/** Everything of an import but the database. */
async function digest(text: string, bytes?: number): Promise<{ flights: number; skipped: SkippedRow[] }> {
  const skipped: SkippedRow[] = []
  let flights = 0
  const reader = readDataSet(
    (found) => {
      try {
        flights += flightsOf(found, places, 1).flights.length
      } catch (error) {
        if (!(error instanceof BadRow)) throw error
        skipped.push({ line: found.line, column: error.column, reason: error.message, duplicate: false })
      }
    },
    (row) => skipped.push(row),
  )
  for await (const lines of readLines(chunksOf(text, bytes))) for (const line of lines) reader.line(line)
  reader.end()
  return { flights, skipped }
}

test("whatever is cut from a good file or changed in it: line and column, never a crash", async () => {
  const second = { 6: " 200", 12: "02", 37: "CDG", 55: "JFK", 44: "1400", 58: "1630", 66: "-0400" }
  const good = [
    ...numbered([
      ...[header, carrier(), leg(), segment("010", "YY 1234"), leg({ 6: " 200" }), leg(second), trailer({ 194: "C" })],
      ...[carrier({ 2: "U", 3: "YY" }), leg({ 3: "YY", 36: "2" }), segment("050", "ZZ  100", { 3: "YY" })],
      trailer({ 3: "YY" }),
    ]),
    "",
  ].join("\n")
  expect(await digest(good)).toMatchObject({ flights: 3, skipped: [{ line: 9, reason: "code share of ZZ 100" }] })
  const position = fc.nat(good.length - 1)
  // most of them within a field of a leg, where they do not break the frame
  const legs = good.split("\n").flatMap((line, index) => (line.startsWith("3") ? [index * 201] : []))
  const inLeg = fc.tuple(fc.constantFrom(...legs), fc.integer({ min: 5, max: 79 })).map(([start, at]) => start + at)
  const byte = fc.oneof(
    fc.constantFrom(..."0123456789AXYZ \u00ff"),
    fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 1 }),
  )
  const change = fc.oneof(
    { weight: 4, arbitrary: fc.record({ at: inLeg, cut: fc.constant(1), put: byte }) },
    fc.record({ at: position, cut: fc.constant(1), put: byte }),
    fc.record({ at: position, cut: fc.nat(450), put: fc.string({ maxLength: 5 }) }),
    fc.record({ at: position, cut: fc.constant(good.length), put: fc.constant("") }),
  )
  const changes = fc.array(change, { minLength: 1, maxLength: 3 })
  let refused = 0
  let skipped = 0
  await fc.assert(
    fc.asyncProperty(changes, fc.integer({ min: 1, max: 3000 }), async (list, bytes) => {
      const text = list.reduce((before, { at, cut, put }) => before.slice(0, at) + put + before.slice(at + cut), good)
      try {
        const result = await digest(text, bytes)
        skipped += result.skipped.length > 1 ? 1 : 0
        for (const row of result.skipped) expect(row.line).toBeGreaterThan(0)
        const placeless = result.skipped.filter((row) => row.column === undefined)
        expect(placeless.filter((row) => !row.reason.startsWith("code share of"))).toEqual([])
      } catch (error) {
        if (!(error instanceof UnreadableFile)) throw error
        expect(error.message).toMatch(/^line \d+, column \d+: /)
        refused++
      }
    }),
    { numRuns: 2_000 },
  )
  expect(refused).toBeGreaterThan(300)
  expect(skipped).toBeGreaterThan(300)
})

import { expect, test } from "bun:test"
import { parseCsv } from "./csv.ts"

test("columns are found by name, whatever their order, case and a byte-order mark", () => {
  const { rows } = parseCsv("\uFEFFCode,City\r\nOSL,Oslo\r\n")
  expect(rows).toEqual([{ line: 2, values: { code: "OSL", city: "Oslo" } }])
})

test("quoted values keep commas, doubled quotes and line breaks; later lines keep their numbers", () => {
  const { rows } = parseCsv('name,code\n"Oslo, ""the""\nairport",OSL\n\nBergen,BGO')
  expect(rows).toEqual([
    { line: 2, values: { name: 'Oslo, "the"\nairport', code: "OSL" } },
    { line: 5, values: { name: "Bergen", code: "BGO" } },
  ])
})

test("missing trailing values are empty, an unnamed column does no harm", () => {
  expect(parseCsv(",a,b\n0,x\n").rows[0]!.values).toEqual({ "": "0", a: "x", b: "" })
})

test("a record with too many values or an open quote is malformed, the others are read", () => {
  const { rows, malformed } = parseCsv('a,b\n1,2,3\n4,5\n"6,7\n8,9\n')
  expect(rows.map((row) => row.values.a)).toEqual(["4"])
  expect(malformed).toEqual([
    { line: 2, reason: "3 values for 2 columns" },
    { line: 4, reason: "a quote is never closed" },
  ])
})

test("an empty text has no columns and no rows", () => {
  expect(parseCsv("")).toEqual({ columns: [], rows: [], malformed: [] })
})

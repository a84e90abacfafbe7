import { expect, test } from "bun:test"
import { civilDate } from "./clock.ts"

test("a day begins at midnight of its own zone, to the millisecond, and time may go back", () => {
  const midnight = Date.parse("2027-01-10T00:00:00+05:30")
  const dates = [-1, 0, 59_999, 60_000, -1].map((late) => civilDate(new Date(midnight + late), "Asia/Kolkata"))
  expect(dates).toEqual(["2027-01-09", "2027-01-10", "2027-01-10", "2027-01-10", "2027-01-09"])
  expect(civilDate(new Date(midnight), "Pacific/Auckland")).toBe("2027-01-10")
  expect(civilDate(new Date(midnight), "America/New_York")).toBe("2027-01-09")
})

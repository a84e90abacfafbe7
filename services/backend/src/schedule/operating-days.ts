/** Weekdays of a route's flights that are not daily, by their number in a week; 0 = Monday. */
const PATTERNS: Record<number, number[][]> = {
  1: [[4], [6], [0], [3]],
  2: [
    [0, 4],
    [1, 5],
    [3, 6],
    [2, 5],
  ],
  3: [
    [0, 2, 4],
    [1, 3, 5],
    [2, 4, 6],
    [1, 3, 6],
    [0, 3, 5],
  ],
  4: [
    [0, 2, 4, 6],
    [1, 3, 5, 6],
    [0, 1, 3, 5],
    [1, 2, 4, 6],
  ],
  5: [
    [0, 1, 2, 3, 4],
    [0, 2, 3, 5, 6],
    [1, 3, 4, 5, 6],
    [0, 1, 4, 5, 6],
  ],
  6: [
    [0, 1, 2, 3, 4, 5],
    [0, 1, 2, 3, 4, 6],
    [0, 1, 3, 4, 5, 6],
    [0, 2, 3, 4, 5, 6],
  ],
}
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]

/** The operating days of each flight of a route with so many flights a week: daily ones, and one for the rest. */
export function operatingDays(weeklyFlights: number, random: () => number): number[][] {
  const flights = Array.from({ length: Math.floor(weeklyFlights / 7) }, () => EVERY_DAY)
  const patterns = PATTERNS[weeklyFlights % 7]
  if (patterns) flights.push(patterns[Math.floor(patterns.length * random())]!)
  return flights
}

/** The same days so many days later, ascending. */
export function shiftDays(days: number[], shift: number): number[] {
  return days.map((day) => (((day + shift) % 7) + 7) % 7).sort((a, b) => a - b)
}

import { expect, test } from "bun:test"
import { dateOf, dayOf } from "../flights/civil-date.ts"
import { adultFare, type Brand, dayFare, partyPrice } from "../flights/fares.ts"
import { seededRandom } from "../schedule/random.ts"
import { createTakenSeats, type TakenSeats } from "./availability.ts"
import { connectionMinutes } from "./connections.ts"
import { type Filters, findItineraries, type SliceQuery } from "./find-itineraries.ts"
import { MOST_TIMES_THE_BEST, rankItineraries, type Sort } from "./rank-itineraries.ts"
import { type Airport, buildTimetable, CABIN_NAMES, type ScheduledFlight } from "./timetable.ts"

/*
 * The engine's answers against those of a slow and simple search over the same schedule: every path of up to three
 * flights, on Temporal's clocks, judged by the rules as their docstrings say them and by nothing of the engine's.
 */

const ZONES = [
  "Europe/Vienna",
  "America/New_York",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Kiritimati",
  "Pacific/Pago_Pago",
]
const CARRIERS = ["QV", "QW", "QX"]
const COUNTRIES = ["AT", "US", "IN", "AU"]
/** Around the changes of the clocks in the US and in Europe, and in the south. */
const FIRST_DAY = dayOf("2027-03-10")
const DAYS = 32
const NOW = dayOf("2027-03-09") * 1440 + 600

const MOST_FLIGHTS = 150

interface World {
  airports: Airport[]
  carriers: { code: string; name: string }[]
  flights: ScheduledFlight[]
  taken: TakenSeats[]
}

function randomWorld(seed: number): World {
  const random = seededRandom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!
  const airports = Array.from({ length: 5 + below(4) }, (_, index) => ({
    name: "",
    code: `A${String.fromCharCode(65 + index)}X`,
    timeZone: pick(ZONES),
    country: pick(COUNTRIES),
    domesticCharge: below(30) * 100,
    internationalCharge: below(60) * 100,
    domesticConnectionMinutes: 20 + 5 * below(12),
    internationalConnectionMinutes: 30 + 5 * below(20),
  }))
  const flights = Array.from({ length: seed % 4 === 0 ? 100 : 20 + below(50) }, (_, index): ScheduledFlight => {
    const origin = pick(airports).code
    const destination = pick(airports.filter(({ code }) => code !== origin)).code
    const from = FIRST_DAY + below(DAYS)
    const cabins = CABIN_NAMES.filter((cabin) => cabin === "economy" || random() < 0.6)
    return {
      id: `f${index}`,
      version: 1,
      carrier: pick(CARRIERS),
      number: String(index),
      origin,
      destination,
      departureMinute: 5 * below(288),
      durationMinutes: 30 + 5 * below(180),
      aircraft: "320",
      weekdays: random() < 0.6 ? 127 : 1 + below(127),
      effectiveFrom: random() < 0.7 ? "2000-01-01" : dateOf(from),
      effectiveUntil: random() < 0.7 ? "2999-12-31" : dateOf(from + below(20)),
      cabins: Object.fromEntries(
        cabins.map((cabin) => [cabin, { capacity: 1 + below(12), fareMinorUnits: 2_000 + 500 * below(40) }]),
      ),
    }
  })
  for (let index = 0; index < flights.length && flights.length < MOST_FLIGHTS; index++) {
    if (random() < 0.3) flights.push(nextLeg(airports, flights[index]!, `f${flights.length}`, random))
  }
  const taken = Array.from({ length: 60 }, (): TakenSeats => {
    const flight = pick(flights)
    const capacity = flight.cabins.economy!.capacity
    return { flightId: flight.id, day: FIRST_DAY + below(DAYS), cabin: "economy", capacity, taken: below(capacity + 1) }
  })
  const carriers = CARRIERS.map((code) => ({ code, name: code }))
  return { airports, carriers, flights, taken }
}

/**
 * A flight on from where the first one ends, mostly under the same number, after a stop that is often too short to change
 * in; clocks that change meanwhile make it longer, or leave before the first has landed.
 */
function nextLeg(airports: Airport[], first: ScheduledFlight, id: string, random: () => number) {
  const below = (limit: number) => Math.floor(random() * limit)
  const zoneOf = (code: string) => airports.find((airport) => airport.code === code)!.timeZone
  const ends = airports.filter(({ code }) => code !== first.origin && code !== first.destination)
  const departure = Temporal.PlainDate.from(dateOf(FIRST_DAY))
    .toPlainDateTime({ hour: Math.floor(first.departureMinute / 60), minute: first.departureMinute % 60 })
    .toZonedDateTime(zoneOf(first.origin))
  const stopMinutes = random() < 0.2 ? 0 : 5 * below(12)
  const onward = departure.add({ minutes: first.durationMinutes + stopMinutes }).withTimeZone(zoneOf(first.destination))
  return {
    ...first,
    id,
    number: random() < 0.8 ? first.number : `${first.number}9`,
    carrier: random() < 0.8 ? first.carrier : CARRIERS[below(CARRIERS.length)]!,
    origin: first.destination,
    destination: ends[below(ends.length)]!.code,
    departureMinute: onward.hour * 60 + onward.minute,
    durationMinutes: 30 + 5 * below(100),
    weekdays: 127,
  }
}

interface Asked {
  origins: string[]
  destinations: string[]
  day: number
  cabin: (typeof CABIN_NAMES)[number]
  brand: Brand
  adults: number
  children: number
  infants: number
  maxConnections: number
  sort: Sort
  departure?: [number, number] | undefined
  arrival?: [number, number] | undefined
  carriers?: string[] | undefined
  via?: string[] | undefined
  longest: number
  highest: number
}

function randomQuery(seed: number, { airports }: World): Asked {
  const random = seededRandom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const shuffled = airports
    .map(({ code }) => ({ code, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ code }) => code)
  const many = random() < 0.2 ? 2 : 1
  const window = (): [number, number] | undefined => (random() < 0.15 ? [below(1440), below(1440)] : undefined)
  return {
    origins: shuffled.slice(0, many),
    destinations: shuffled.slice(many, many + (random() < 0.2 ? 2 : 1)),
    day: FIRST_DAY + 2 + below(DAYS - 8),
    cabin: random() < 0.6 ? "economy" : CABIN_NAMES[below(4)]!,
    brand: (["light", "standard", "flex"] as const)[below(3)]!,
    adults: 1 + below(2),
    children: below(2),
    infants: below(2),
    maxConnections: random() < 0.8 ? 2 : below(3),
    sort: (["best", "price", "duration", "departure"] as const)[below(4)]!,
    departure: window(),
    arrival: window(),
    carriers: random() < 0.1 ? ["QV", "QX"] : undefined,
    via: random() < 0.1 ? shuffled.slice(2, 5) : undefined,
    longest: random() < 0.1 ? 600 + below(1200) : 0,
    highest: random() < 0.1 ? 20_000 + below(60_000) : 0,
  }
}

interface Step {
  flight: ScheduledFlight
  date: string
  departure: number
  arrival: number
  price: number
}
interface Path {
  steps: Step[]
  departure: number
  arrival: number
  price: number
}

/** Every path that the rules allow, in no order. */
function everyPath({ airports, flights, taken }: World, asked: Asked): Path[] {
  const airport = new Map(airports.map((each) => [each.code, each]))
  const ends = [...asked.origins, ...asked.destinations]
  const isDomestic = ({ origin, destination }: ScheduledFlight) =>
    airport.get(origin)!.country === airport.get(destination)!.country
  const localMinute = (instant: number, code: string) => {
    const local = Temporal.Instant.fromEpochMilliseconds(instant * 60_000).toZonedDateTimeISO(
      airport.get(code)!.timeZone,
    )
    return local.hour * 60 + local.minute
  }
  const inWindow = (window: [number, number] | undefined, minute: number) =>
    !window ||
    (window[0] <= window[1] ? minute >= window[0] && minute <= window[1] : minute >= window[0] || minute <= window[1])

  const known = new Map<string, Step | undefined>()
  const stepOn = (flight: ScheduledFlight, date: string): Step | undefined => {
    const key = `${flight.id} ${date}`
    if (!known.has(key)) known.set(key, newStep(flight, date))
    return known.get(key)
  }
  const newStep = (flight: ScheduledFlight, date: string): Step | undefined => {
    const weekday = Temporal.PlainDate.from(date).dayOfWeek - 1
    if (!((flight.weekdays >> weekday) & 1) || date < flight.effectiveFrom || date > flight.effectiveUntil) return
    const cabin = flight.cabins[asked.cabin]
    if (!cabin || (asked.carriers && !asked.carriers.includes(flight.carrier))) return
    const time = { hour: Math.floor(flight.departureMinute / 60), minute: flight.departureMinute % 60 }
    const local = Temporal.PlainDateTime.from(date).with(time)
    const departure = local.toZonedDateTime(airport.get(flight.origin)!.timeZone).epochMilliseconds / 60_000
    if (departure < NOW + 60) return
    const row = taken.findLast(
      (each) => each.flightId === flight.id && dateOf(each.day) === date && each.cabin === asked.cabin,
    )
    const seatsTaken = row?.taken ?? 0
    if (cabin.capacity - seatsTaken < asked.adults + asked.children) return
    const daysBefore = Math.floor((departure - NOW) / 1440)
    const fare = adultFare(
      dayFare(cabin.fareMinorUnits, weekday),
      asked.brand,
      daysBefore,
      seatsTaken,
      cabin.capacity,
      100,
    )
    const { domesticCharge, internationalCharge } = airport.get(flight.origin)!
    const price = partyPrice(fare, isDomestic(flight) ? domesticCharge : internationalCharge, asked)
    return { flight, date, departure, arrival: departure + flight.durationMinutes, price }
  }

  const paths: Path[] = []
  const extend = (steps: Step[]) => {
    const last = steps.at(-1)!
    const { destination } = last.flight
    if (asked.destinations.includes(destination)) {
      const [departure, arrival] = [steps[0]!.departure, last.arrival]
      const price = steps.reduce((sum, step) => sum + step.price, 0)
      const fits =
        inWindow(asked.arrival, localMinute(arrival, destination)) &&
        (asked.longest === 0 || arrival - departure <= asked.longest) &&
        (asked.highest === 0 || price <= asked.highest)
      if (fits) paths.push({ steps, departure, arrival, price })
      return
    }
    const visited = steps.flatMap(({ flight }) => [flight.origin, flight.destination]).slice(0, -1)
    if (steps.length > asked.maxConnections || ends.includes(destination) || visited.includes(destination)) return
    if (asked.via && !asked.via.includes(destination)) return
    for (const flight of flights) {
      if (flight.origin !== destination) continue
      const { domesticConnectionMinutes, internationalConnectionMinutes } = airport.get(destination)!
      const change =
        isDomestic(last.flight) && isDomestic(flight) ? domesticConnectionMinutes : internationalConnectionMinutes
      const staysAboard = last.flight.carrier === flight.carrier && last.flight.number === flight.number
      const least = staysAboard ? 0 : change
      for (let day = asked.day - 2; day <= asked.day + 7; day++) {
        const step = stepOn(flight, dateOf(day))
        const pause = step && step.departure - last.arrival
        if (pause !== undefined && pause >= least && pause <= 1440) extend([...steps, step!])
      }
    }
  }
  for (const flight of flights) {
    if (!asked.origins.includes(flight.origin) || !inWindow(asked.departure, flight.departureMinute)) continue
    const step = stepOn(flight, dateOf(asked.day))
    if (step) extend([step])
  }
  return paths
}

const weigh = ({ price, departure, arrival, steps }: Path) =>
  price * (1 + ((arrival - departure) / 60 + steps.length - 1) / 10)
const measures = ({ departure, arrival, price, steps }: Path) => `${departure} ${arrival} ${price} ${steps.length}`

/** What should be answered: measures of the itineraries, and which of them are choices. Equals count once, but for direct flights. */
function expected(paths: Path[]): Map<string, { count: number; isChoice: boolean }> {
  const best = Math.min(...paths.map(weigh))
  const answer = new Map<string, { count: number; isChoice: boolean }>()
  for (const path of paths) {
    const isDirect = path.steps.length === 1
    const isBeaten = paths.some(
      (other) =>
        other.departure >= path.departure &&
        other.arrival <= path.arrival &&
        other.price <= path.price &&
        other.steps.length <= path.steps.length &&
        measures(other) !== measures(path),
    )
    if (isBeaten && !isDirect) continue
    const duration = (each: Path) => each.arrival - each.departure
    const isChoice = !paths.some(
      (other) =>
        other.price <= path.price &&
        duration(other) <= duration(path) &&
        other.steps.length <= path.steps.length &&
        (other.price < path.price || duration(other) < duration(path) || other.steps.length < path.steps.length),
    )
    if (!isChoice && !isDirect && weigh(path) > MOST_TIMES_THE_BEST * best) continue
    const known = answer.get(measures(path))
    answer.set(measures(path), { count: isDirect ? (known?.count ?? 0) + 1 : 1, isChoice })
  }
  return answer
}

function createEngine(world: World) {
  const timetable = buildTimetable(world, { currency: "USD", firstDay: FIRST_DAY - 3, lastDay: FIRST_DAY + DAYS + 10 })
  const takenSeats = createTakenSeats()
  for (const each of world.taken) takenSeats.set(each)
  return { timetable, availability: takenSeats.over(timetable) }
}

function engineAnswer({ timetable, availability }: ReturnType<typeof createEngine>, asked: Asked) {
  const numbers = (codes: string[]) => codes.map((code) => timetable.airportNumbers.get(code)!)
  const window = (pair: [number, number] | undefined) => pair && { from: pair[0], until: pair[1] }
  const filters: Filters = {
    departure: window(asked.departure),
    arrival: window(asked.arrival),
    carriers: asked.carriers && new Set(asked.carriers.map((code) => CARRIERS.indexOf(code))),
    connectingAirports: asked.via && new Set(numbers(asked.via)),
    longestDurationMinutes: asked.longest,
    highestPrice: asked.highest,
  }
  const query: SliceQuery = {
    origins: numbers(asked.origins),
    destinations: numbers(asked.destinations),
    day: asked.day,
    cabin: CABIN_NAMES.indexOf(asked.cabin),
    brand: asked.brand,
    counts: asked,
    maxConnections: asked.maxConnections,
    salesCloseMinute: NOW + 60,
    nowMinute: NOW,
    filters,
  }
  return rankItineraries(findItineraries(timetable, availability, query).found, asked.sort)
}

const WORLDS = 100
const QUERIES = 60

test(`${WORLDS * QUERIES} random queries over ${WORLDS} random schedules answer what an exhaustive search finds`, () => {
  const seen = { itineraries: 0, connections: 0, choices: 0, aboard: 0, empty: 0 }
  for (let number = 1; number <= WORLDS; number++) {
    const world = randomWorld(number)
    const engine = createEngine(world)
    const { timetable } = engine
    for (let index = 1; index <= QUERIES; index++) {
      const asked = randomQuery(number * 1000 + index, world)
      const ranked = engineAnswer(engine, asked)
      const answer = new Map<string, { count: number; isChoice: boolean }>()
      for (const { departure, arrival, price, legs, isChoice } of ranked) {
        const key = `${departure} ${arrival} ${price} ${legs.length}`
        answer.set(key, { count: (answer.get(key)?.count ?? 0) + 1, isChoice })
        seen.itineraries++
        if (legs.length > 1) seen.connections++
        if (isChoice) seen.choices++
        const staysAboard = legs.some((leg, index) => {
          const next = legs[index + 1]
          return next && next.departure - leg.arrival < connectionMinutes(timetable, leg.route, next.route)
        })
        if (staysAboard) seen.aboard++
      }
      if (ranked.length === 0) seen.empty++
      const inOrder = (entries: Map<string, unknown>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
      const wanted = inOrder(expected(everyPath(world, asked)))
      if (!Bun.deepEquals(inOrder(answer), wanted))
        throw new Error(
          `world ${number}, query ${index}: ${JSON.stringify({ asked, answer: inOrder(answer), wanted })}`,
        )
    }
  }
  expect(seen.connections).toBeGreaterThan(1000)
  expect(seen.choices).toBeLessThan(seen.itineraries)
  expect(seen.aboard).toBeGreaterThan(200)
  expect(seen.empty).toBeLessThan((WORLDS * QUERIES) / 2)
  console.info(
    `  ${WORLDS * QUERIES} queries, ${seen.itineraries} itineraries, ${seen.connections} with connections, ${seen.aboard} aboard`,
  )
}, 120_000)

test("a flight of three legs that stops for no minute is found: nothing is left of what bounds allow it", () => {
  const airport = { name: "", timeZone: "UTC", country: "AT", domesticCharge: 0, internationalCharge: 0 }
  const times = { domesticConnectionMinutes: 45, internationalConnectionMinutes: 60 }
  const flight = { version: 1, carrier: "QV", number: "1", durationMinutes: 60, aircraft: "320", weekdays: 127 }
  const day = FIRST_DAY + 5
  const period = { effectiveFrom: dateOf(day), effectiveUntil: dateOf(day) }
  const cabins = { economy: { capacity: 9, fareMinorUnits: 10_000 } }
  const codes = ["AAX", "ABX", "ACX", "ADX"]
  const world: World = {
    airports: codes.map((code) => ({ ...airport, ...times, code })),
    carriers: CARRIERS.map((code) => ({ code, name: code })),
    flights: codes.slice(1).map((destination, index) => {
      const origin = codes[index]!
      return { ...flight, ...period, id: origin, origin, destination, departureMinute: 600 + 60 * index, cabins }
    }),
    taken: [],
  }
  const asked = { ...randomQuery(1, world), origins: ["AAX"], destinations: ["ADX"], day, cabin: "economy" as const }
  const open = { departure: undefined, arrival: undefined, carriers: undefined, via: undefined, longest: 0, highest: 0 }
  const ranked = engineAnswer(createEngine(world), { ...asked, ...open, maxConnections: 2 })
  expect(ranked.map(({ legs }) => legs.map(({ departure }) => departure % 1440))).toEqual([[600, 660, 720]])
})

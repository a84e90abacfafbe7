import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { AccountServiceService } from "@airside/protos/airside/accounts/v1/accounts"
import { BookingServiceService } from "@airside/protos/airside/bookings/v1/bookings"
import {
  FlightServiceService,
  GetFareCalendarRequest,
  GetFareGridRequest,
  SearchFlightsRequest,
} from "@airside/protos/airside/flights/v1/flights"
import {
  type BackendWorld,
  book,
  hold,
  holdRequest,
  newTraveller,
  offersFor,
  reasonOf,
  startBackendWorld,
} from "./testing.ts"

const ROUTE = { origin: "VIE", destination: "LHR" }
let world: BackendWorld
/** Every RPC with a request that is good. */
let good: Record<string, { request: object; token?: string; otherRequest?: object }>

beforeAll(async () => {
  world = await startBackendWorld()
  const ada = await newTraveller(world)
  const sold = await book(world, ROUTE, { token: ada.token })
  const held = await hold(world, ROUTE, { token: ada.token })
  const [offer] = await offersFor(world, ROUTE)
  const { reference, segments, passengers } = sold.booking
  const { token } = ada
  const requestId = newId()
  const search = { ...ROUTE, cabin: 1, adults: 1, children: 0, infants: 0 } as const
  const counted = { departDate: "2027-03-01", returnDate: "2027-03-08", maxConnections: 0, sort: 1, limit: 5 } as const
  const slice = { ...ROUTE, date: "2027-03-01" }
  const filters = {
    departure: { fromMinute: 0, untilMinute: 1439 },
    carriers: ["QV"],
    connectingAirports: ["VIE"],
    originAirports: ["VIE"],
    destinationAirports: ["LHR"],
    longestDurationMinutes: 600,
    highestPriceMinorUnits: 100_000n,
  }
  const narrowed = { maxConnections: 2, filters: [filters], nearbyAirports: true }
  const order = holdRequest([offer!], { promoCode: "SAVE10" })
  const registration = {
    username: "grace",
    email: "g@example.com",
    password: "COBOL-1959",
    firstName: "G",
    lastName: "H",
  }
  good = {
    register: { request: { requestId, ...registration } },
    logIn: { request: { requestId, username: "nobody", password: "COBOL-1959" } },
    logOut: { request: { requestId }, token },
    authenticate: { request: { accessToken: ada.accessToken } },
    getAccount: { request: {}, token },
    updateAccount: { request: { requestId, email: "a@example.com", firstName: "Ada", lastName: "L" }, token },
    changePassword: { request: { requestId, currentPassword: "not this one", newPassword: "FLOW-MATIC" }, token },
    listSessions: { request: { pageSize: 1, pageToken: "x" }, token },
    revokeSession: { request: { requestId, sessionId: "x" }, token },
    searchPlaces: { request: { query: "vienna", pageSize: 5 } },
    getPlace: { request: { code: "VIE" } },
    searchFlights: {
      request: SearchFlightsRequest.fromPartial({ ...search, ...counted, filters: [filters] }),
      otherRequest: SearchFlightsRequest.fromPartial({ adults: 1, slices: [slice, { ...slice, date: "2027-03-02" }] }),
    },
    batchSearchFlights: {
      request: { requests: [SearchFlightsRequest.fromPartial({ ...search, ...counted, filters: [filters] })] },
    },
    listFareBrands: { request: {} },
    getFareCalendar: {
      request: GetFareCalendarRequest.fromPartial({ ...search, ...narrowed, month: "2027-03", months: 2 }),
    },
    getFareGrid: {
      request: GetFareGridRequest.fromPartial({
        ...search,
        ...narrowed,
        departDate: "2027-03-01",
        returnDate: "2027-03-08",
        daysAround: 1,
      }),
    },
    getSeatMap: {
      request: {
        subject: { $case: "departure", value: { flightId: segments[0]!.flight!.flightId, date: "2027-03-01" } },
        cabin: 1,
      },
    },
    priceBooking: { request: order, token },
    holdBooking: { request: order, token },
    getBooking: { request: { reference }, token },
    findBooking: { request: { requestId, reference, familyName: "Lovelace" } },
    listBookings: { request: { pageSize: 1, pageToken: "x" }, token },
    chooseSeats: {
      request: {
        requestId,
        reference,
        seats: [{ passengerId: passengers[0]!.id, segmentId: segments[0]!.id, seat: "40A" }],
      },
      token,
    },
    startCheckout: { request: { requestId, reference: held.booking.reference, points: 0n }, token },
    settleBooking: { request: { subject: { $case: "paymentId", value: sold.booking.payment!.id } }, token },
    quoteCancellation: { request: { reference, passengerIds: [newId()], slices: [0] }, token },
    cancelBooking: { request: { requestId, reference, quoteToken: "x" }, token },
  }
})
afterAll(() => world.stop())

const TEXTS = [
  "",
  " ",
  "x".repeat(100_000),
  "nul \u0000 inside",
  "\u0000",
  "bell \u0007",
  "lone \ud800 surrogate",
  "<script>alert(1)</script>'\"; drop table bookings; --",
  "𝒳".repeat(60),
  "0000-01-01",
  "9999-12-31",
  "2027-02-29",
  "2024-02-29",
  "2027-03-01T00:00:00+14:00",
  "-000001-01-01",
  "0000-01",
  "9999-12",
  "018f0000-0000-7000-8000-000000000000",
  "zz00.zz.0_0_0",
  "me",
]
const NUMBERS = [0, -1, 1, 7, 2 ** 31 - 1, -(2 ** 31)]
const BIGINTS = [0n, -1n, 1n, 2n ** 63n - 1n, -(2n ** 63n)]

/** argon2id takes its time: RPCs that hash a password are sent fewer of them. */
const HASHING = ["register", "logIn", "changePassword"]
const FEW_TEXTS = [0, 2, 3, 6, 7]

/** The value with one thing in it spoiled, for every thing and every way. */
function* spoiled(value: unknown, path: string, texts: string[]): Generator<{ path: string; value: unknown }> {
  if (typeof value === "string") yield* texts.map((text) => ({ path, value: text }))
  else if (typeof value === "number") yield* NUMBERS.map((number) => ({ path, value: number }))
  else if (typeof value === "bigint") yield* BIGINTS.map((number) => ({ path, value: number }))
  else if (Array.isArray(value)) {
    yield { path: `${path} empty`, value: [] }
    if (value.length > 0) yield { path: `${path} many`, value: Array(500).fill(value[0]) }
    for (const each of spoiled(value[0], `${path}[0]`, texts)) yield { ...each, value: [each.value, ...value.slice(1)] }
  } else if (value && typeof value === "object") {
    for (const [key, part] of Object.entries(value)) {
      if (key === "$case") continue
      const isMessage = typeof part === "object" && !Array.isArray(part) && !("$case" in value)
      if (isMessage) yield { path: `${path}.${key} missing`, value: { ...value, [key]: undefined } }
      for (const each of spoiled(part, `${path}.${key}`, texts))
        yield { ...each, value: { ...value, [key]: each.value } }
    }
  }
}

/** Everything that a request may write, but for answers, where a refusal is kept too. */
async function written(): Promise<string> {
  const tables = [
    ["users", "sessions", "inventory", "seats", "promo_uses", "bookings", "booking_references"],
    ["guest_tokens", "booking_segments", "passengers", "tickets", "cancellations"],
  ].flat()
  const counts = tables.map(
    (table) => `select '${table}', md5(string_agg(t::text, ',' order by t::text)) from ${table} t`,
  )
  return JSON.stringify(await world.sql.unsafe(counts.join(" union all ")))
}

const clientOf = (rpc: string) => {
  const { accounts, flights, bookings } = world
  const client = [accounts, flights, bookings].find((each) => rpc in each) as unknown as Record<
    string,
    (request: unknown, options: { token?: string }) => Promise<unknown>
  >
  return client[rpc]!
}

const RPCS = [AccountServiceService, FlightServiceService, BookingServiceService].flatMap((service) =>
  Object.entries(service).flatMap(([name, { responseStream }]) => (responseStream ? [] : [name])),
)

const OUR_FAULT = ["INTERNAL", "UNKNOWN", "UNAVAILABLE", "DATABASE_UNAVAILABLE", "DEADLINE_EXCEEDED", "CONFLICT"]

test.each(RPCS)("%s: whatever is sent, the answer is no INTERNAL, and what is refused writes nothing", async (rpc) => {
  const { request, token, otherRequest } = good[rpc]!
  const wrong: string[] = []
  let before = await written()
  const texts = HASHING.includes(rpc) ? FEW_TEXTS.map((index) => TEXTS[index]!) : TEXTS
  for (const each of [request, otherRequest].flatMap((good) => [...spoiled(good, "", texts)])) {
    const sent = { ...(each.value as object) }
    if ("requestId" in sent && !each.path.startsWith(".requestId")) sent.requestId = newId()
    const refusal = await clientOf(rpc)(sent, { token }).then(() => undefined, reasonOf)
    const after = await written()
    const told = `${each.path} = ${JSON.stringify(each.value, (_, part) => (typeof part === "bigint" ? `${part}n` : part)).slice(0, 200)}`
    if (refusal && (OUR_FAULT.includes(refusal) || !/^[A-Z_]+$/.test(refusal))) wrong.push(`${told}: ${refusal}`)
    if (refusal && before !== after) wrong.push(`${told}: ${refusal}, but something was written`)
    before = after
  }
  expect(wrong).toEqual([])
})

import { afterAll, beforeAll, expect, test } from "bun:test"
import { AIRSIDE_SERVICES, bytesMethod, SERVICES } from "../test/airside-services.ts"
import { identities, startProbe } from "../test/probe.ts"
import { ALLOW } from "./allow.ts"
import { rpcCredentials } from "./credentials.ts"
import type { Caller } from "./identity.ts"
import { newId } from "./ids.ts"
import { connect } from "./rpc-client.ts"

const CALLERS: Record<string, Caller> = {
  anonymous: { kind: "anonymous" },
  person: { kind: "person", userId: newId(), sessionId: "s", staff: false },
  staff: { kind: "person", userId: newId(), sessionId: "s", staff: true },
  guest: { kind: "guest", bookingId: newId(), sessionId: "s" },
  backend: { kind: "service", name: "backend" },
  ui: { kind: "service", name: "ui" },
}

/** DESIGN's rules in words of their own: who gets as far as the operation. */
const EVERYBODY = "anonymous person staff guest backend ui"
const CONCERNED = "person staff guest"
const EXPECTED: Record<string, string> = {
  "AccountService/Register": EVERYBODY,
  "AccountService/LogIn": EVERYBODY,
  "AccountService/Authenticate": EVERYBODY,
  "AccountService/LogOut": CONCERNED,
  "AccountService/GetAccount": "person staff",
  "AccountService/UpdateAccount": "person staff",
  "AccountService/ChangePassword": "person staff",
  "AccountService/ListSessions": "person staff",
  "AccountService/RevokeSession": "person staff",
  "FlightService/SearchPlaces": EVERYBODY,
  "FlightService/GetPlace": EVERYBODY,
  "FlightService/SearchFlights": EVERYBODY,
  "FlightService/BatchSearchFlights": EVERYBODY,
  "FlightService/ListFareBrands": EVERYBODY,
  "FlightService/GetFareCalendar": EVERYBODY,
  "FlightService/GetFareGrid": EVERYBODY,
  "FlightService/WatchDepartures": "staff ui",
  "FlightService/GetSeatMap": EVERYBODY,
  "BookingService/PriceBooking": EVERYBODY,
  "BookingService/HoldBooking": EVERYBODY,
  "BookingService/FindBooking": EVERYBODY,
  "BookingService/GetBooking": CONCERNED,
  "BookingService/ListBookings": CONCERNED,
  "BookingService/ChooseSeats": CONCERNED,
  "BookingService/StartCheckout": CONCERNED,
  "BookingService/SettleBooking": `${CONCERNED} ui`,
  "BookingService/QuoteCancellation": CONCERNED,
  "BookingService/CancelBooking": CONCERNED,
  "PaymentService/CreatePayment": "backend",
  "PaymentService/CancelPayment": "backend",
  "PaymentService/RefundPayment": "backend",
  "PaymentService/RetryRefund": "staff",
  "PaymentService/ProcessPayment": `${CONCERNED} ui`, // ui: the page without a session that checkout_url leads to
  "PaymentService/GetPayment": `${CONCERNED} backend`,
  "PaymentService/ListPayments": CONCERNED,
  "PaymentService/ListMoneyEvents": CONCERNED,
  "PaymentService/ListMoneyAlerts": "staff",
  "PaymentService/RecordWebhook": "ui",
  "PaymentService/ListBankCards": "person staff",
  "PaymentService/AddBankCard": "person staff",
  "PaymentService/SetDefaultBankCard": "person staff",
  "PaymentService/RemoveBankCard": "person staff",
  "BookingRepairService/ListStuckBookings": "staff",
  "BookingRepairService/RetryBooking": "staff",
  "BookingRepairService/ListBookingRepairs": "staff",
  "PaymentRepairService/ListUnmatchedEvents": "staff",
  "PaymentRepairService/MatchEvent": "staff",
  "PaymentRepairService/ListDifferences": "staff backend", // backend: bun run reconcile has its key
  "PaymentRepairService/ListPaymentRepairs": "staff",
  "LoyaltyService/ListTiers": EVERYBODY,
  "LoyaltyService/GetAccount": "person staff backend",
  "LoyaltyService/ListTransactions": "person staff",
  "LoyaltyService/EarnPoints": "staff backend",
  "LoyaltyService/RedeemPoints": "backend",
  "LoyaltyService/ReversePoints": "backend",
}

const METHODS = SERVICES.flatMap(({ methods }) => methods.map((method) => method.path))
const AIRSIDE_METHODS = METHODS.filter((path) => path.startsWith("/airside."))
const shortName = (path: string) => path.replace(/^\/airside\.\w+\.v1\./, "")

let server: Awaited<ReturnType<typeof startProbe>>
beforeAll(async () => {
  server = await startProbe({}, {}, { services: AIRSIDE_SERVICES })
})
afterAll(() => server.drain())

test("every method is in the table, and the table names nothing else", () => {
  expect(Object.keys(ALLOW).sort()).toEqual([...METHODS].sort())
  expect(AIRSIDE_METHODS.map(shortName).sort()).toEqual(Object.keys(EXPECTED).sort())
})

for (const [name, caller] of Object.entries(CALLERS)) {
  test(`what ${name} may call, over the wire`, async () => {
    const definition = Object.fromEntries(AIRSIDE_METHODS.map((path) => [path, bytesMethod(path)]))
    const client = connect(definition, server.address, { credentials: rpcCredentials({}).client, deadlineSeconds: 5 })
    const token = caller.kind === "anonymous" ? undefined : await identities.tokenOf(caller)
    const outcomes = await Promise.all(
      AIRSIDE_METHODS.map(async (path) => {
        const error = await client[path]!(Buffer.alloc(0), { ...(token && { token }) }).catch((each) => each)
        return [shortName(path), `${error.code} ${error.reason}`]
      }),
    )
    client.close()
    const refusal = name === "anonymous" ? "UNAUTHENTICATED LOG_IN_REQUIRED" : "PERMISSION_DENIED NOT_ALLOWED"
    const expected = AIRSIDE_METHODS.map((path) => {
      const allowed = EXPECTED[shortName(path)]!.split(" ").includes(name)
      return [shortName(path), allowed ? "UNIMPLEMENTED REACHED" : refusal]
    })
    expect(Object.fromEntries(outcomes)).toEqual(Object.fromEntries(expected))
  })
}

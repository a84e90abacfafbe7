import { join } from "node:path"
import { rpcCredentials } from "@airside/kernel/credentials"
import { Failure } from "@airside/kernel/errors"
import { newId } from "@airside/kernel/ids"
import { connect, type RpcClient } from "@airside/kernel/rpc-client"
import { connectDatabase, type Database, type Sql, type Transaction } from "@airside/kernel/sql"
import { freePorts, type ProcessName, startWorld, until, type World } from "@airside/kernel/testing"
import { AccountServiceService } from "@airside/protos/airside/accounts/v1/accounts"
import {
  type Booking,
  BookingServiceService,
  type BookingStatus,
  HoldBookingRequest,
  PassengerType,
} from "@airside/protos/airside/bookings/v1/bookings"
import {
  type Fare,
  FlightServiceService,
  type Offer,
  SearchFlightsRequest,
} from "@airside/protos/airside/flights/v1/flights"
import { LoyaltyServiceService } from "@airside/protos/airside/loyalty/v1/loyalty"
import { PaymentServiceService } from "@airside/protos/airside/payments/v1/payments"
import { FIXTURE_CARRIER, FIXTURE_FLIGHTS } from "../seed/fixtures.ts"
import { readPlaces } from "../seed/places.ts"
import type { Brand } from "./flights/fares.ts"
import { loadCarriers, loadFlights, loadPlaces } from "./schedule/load-schedule.ts"
import { sellingIn } from "./schedule/selling.ts"

/** The whole product behind ui, with the fixture flights, and the moves that tests make again and again. */
export interface BackendWorld {
  world: World
  database: Database
  /** Backend's own schema, to look at and to turn clocks in. */
  sql: Sql
  accounts: RpcClient<AccountServiceService>
  flights: RpcClient<FlightServiceService>
  bookings: RpcClient<BookingServiceService>
  payments: RpcClient<PaymentServiceService>
  loyalty: RpcClient<LoyaltyServiceService>
  /** The token of ui itself. */
  uiToken: string
  backendToken: string
  stop(): Promise<void>
}

export const BACKEND_PROCESSES = ["stripe-sandbox", "payment", "loyalty", "backend"] as const satisfies ProcessName[]

export async function startBackendWorld(settings: Record<string, string> = {}): Promise<BackendWorld> {
  const world = await startWorld([], { SANDBOX_WEBHOOK_URL: "", ...settings }) // there is no ui to deliver to
  try {
    await world.run("seed-loyalty")
    const database = connectDatabase({ url: world.database.urlOf("backend"), connections: 2 })
    await database.inTransaction(async (tx) => {
      await loadPlaces(tx, readPlaces(), sellingIn(settings.SELLING_CURRENCY ?? "USD"))
      await loadCarriers(tx, [FIXTURE_CARRIER])
      await loadFlights(tx, Object.values(FIXTURE_FLIGHTS), "fixtures")
    })
    for (const name of BACKEND_PROCESSES) await world.start(name)
    const peer = { credentials: rpcCredentials({}).client, deadlineSeconds: 15 }
    const { BACKEND_ADDRESS, PAYMENT_ADDRESS, LOYALTY_ADDRESS } = world.environment as Record<string, string>
    return {
      world,
      database,
      sql: database.sql,
      accounts: connect(AccountServiceService, BACKEND_ADDRESS!, peer),
      flights: connect(FlightServiceService, BACKEND_ADDRESS!, peer),
      bookings: connect(BookingServiceService, BACKEND_ADDRESS!, peer),
      payments: connect(PaymentServiceService, PAYMENT_ADDRESS!, peer),
      loyalty: connect(LoyaltyServiceService, LOYALTY_ADDRESS!, peer),
      uiToken: await world.identityOf("ui"),
      backendToken: await world.identityOf("backend"),
      async stop() {
        await database.close()
        await world.stop()
      },
    }
  } catch (error) {
    await world.stop()
    throw error
  }
}

/** A second backend on the same database, as on another machine. Its log goes nowhere; stop it yourself. */
export async function startAnotherBackend({ world }: BackendWorld, settings: Record<string, string> = {}) {
  const [port] = freePorts(1)
  const process = Bun.spawn([globalThis.process.execPath, join(import.meta.dir, "main.ts")], {
    env: { ...world.environment, BACKEND_PORT: String(port), BACKEND_WEB_PORT: "", ...settings },
    stdin: "pipe", // it leaves when we do
    stdout: "ignore",
    stderr: "ignore",
  })
  const peer = { credentials: rpcCredentials({}).client, deadlineSeconds: 15 }
  const flights = connect(FlightServiceService, `127.0.0.1:${port}`, peer)
  await until(() => flights.getPlace({ code: "VIE" }).catch(() => undefined), 20, "another backend serving")
  const bookings = connect(BookingServiceService, `127.0.0.1:${port}`, peer)
  return {
    bookings,
    flights,
    /** Ends a freeze that FAILPOINTS began. */
    wake: () => process.kill("SIGCONT"),
    async stop() {
      bookings.close()
      flights.close()
      process.kill("SIGKILL")
      await process.exited
    },
  }
}

/** A civil date so many days from today. */
export const daysFromNow = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

type Route = { origin: string; destination: string } & Partial<SearchFlightsRequest>

/** The offers of a search 40 days ahead unless it says otherwise; the first slice's. */
export async function offersFor({ flights }: BackendWorld, route: Route): Promise<Offer[]> {
  const request = SearchFlightsRequest.fromPartial({ departDate: daysFromNow(40), ...route })
  return (await flights.searchFlights(request)).slices[0]!.offers
}

/** Tells backend that flights were changed in the database, and waits until search has followed. */
export async function rescheduled({ sql }: BackendWorld, isSeen: () => Promise<boolean>): Promise<void> {
  await sql`update schedule set version = version + 1`
  await until(isSeen, 10, "search following the schedule")
}

/** A person who is logged in; every one has a name of their own. */
export async function newTraveller({
  accounts,
}: BackendWorld): Promise<{ userId: string; token: string; accessToken: string }> {
  const username = `ada-${crypto.randomUUID().slice(0, 8)}`
  const { user, accessToken } = await accounts.register({
    requestId: newId(),
    username,
    email: `${username}@example.com`,
    password: "correct horse",
    firstName: "Ada",
    lastName: "Lovelace",
  })
  const { identityToken } = await accounts.authenticate({ accessToken })
  return { userId: user!.id, token: identityToken, accessToken }
}

/** Points from a member of staff. */
export async function givePoints(world: BackendWorld, userId: string, points: bigint): Promise<void> {
  const staff = await newTraveller(world)
  await world.sql`update users set staff = true where id = ${staff.userId}`
  const { identityToken } = await world.accounts.authenticate({ accessToken: staff.accessToken })
  const amount = { $case: "points", value: points } as const
  await world.loyalty.earnPoints(
    { requestId: newId(), transactionId: "", userId, amount, bookingReference: "", reason: "for testing" },
    { token: identityToken },
  )
}

export const ADA = {
  id: "",
  type: PassengerType.ADULT,
  givenName: "Ada",
  familyName: "Lovelace",
  birthDate: "1985-12-10",
  gender: 0,
} as const

/** What an offer costs in a brand, with the token to hold it by. */
export const fareIn = (offer: Offer, brand: Brand): Fare => offer.fares.find((fare) => fare.brand === brand)!

/** A hold of these offers in the Standard brand, unless it names other tokens. */
export function holdRequest(offers: readonly Offer[], part: Partial<HoldBookingRequest> = {}): HoldBookingRequest {
  return HoldBookingRequest.fromPartial({
    requestId: newId(),
    offerTokens: offers.map((offer) => fareIn(offer, "standard").token),
    passengers: [ADA],
    contact: { email: "ada@example.com", phone: "" },
    ...part,
  })
}

type HoldOptions = Partial<HoldBookingRequest> & { token?: string; brand?: Brand }

/** Holds the first offer of a route, in the Standard brand unless told otherwise; a guest gets a token for the booking. */
export async function hold(
  world: BackendWorld,
  route: Route,
  { token, brand = "standard", ...part }: HoldOptions = {},
): Promise<{ booking: Booking; token: string }> {
  const [offer] = await offersFor(world, route)
  const offerTokens = [fareIn(offer!, brand).token]
  const held = await world.bookings.holdBooking(holdRequest([offer!], { offerTokens, ...part }), { token })
  return { booking: held.booking!, token: token ?? (await guestToken(world, held.accessToken)) }
}

export const guestToken = async ({ accounts }: BackendWorld, accessToken: string): Promise<string> =>
  (await accounts.authenticate({ accessToken })).identityToken

export const startCheckout = ({ bookings }: BackendWorld, reference: string, token: string, points?: bigint) =>
  bookings.startCheckout({ requestId: newId(), reference, points }, { token })

/** Charges a test card; the booking still has to be settled. */
export const charge = ({ payments }: BackendWorld, paymentId: string, token: string, paymentMethod = "pm_card_visa") =>
  payments.processPayment(
    {
      requestId: newId(),
      paymentId,
      method: { $case: "paymentMethod", value: paymentMethod },
      returnUrl: "http://127.0.0.1/back",
    },
    { token },
  )

export const settle = async ({ bookings }: BackendWorld, reference: string, token: string): Promise<BookingStatus> =>
  (await bookings.settleBooking({ subject: { $case: "reference", value: reference } }, { token })).status

/** From an offer to tickets. */
export async function book(
  world: BackendWorld,
  route: Route,
  options: HoldOptions = {},
): Promise<{ booking: Booking; token: string }> {
  const held = await hold(world, route, options)
  const { paymentId } = await startCheckout(world, held.booking.reference, held.token)
  if (paymentId !== "") await charge(world, paymentId, held.token)
  await settle(world, held.booking.reference, held.token)
  return { booking: await reread(world, held), token: held.token }
}

export const reread = async (
  { bookings }: BackendWorld,
  { booking, token }: { booking: Booking; token: string },
): Promise<Booking> => (await bookings.getBooking({ reference: booking.reference }, { token })).booking!

/** The reason of every outcome; undefined for those that went well. */
export const reasons = (outcomes: PromiseSettledResult<unknown>[]) =>
  outcomes.map((outcome) => (outcome.status === "fulfilled" ? undefined : reasonOf(outcome.reason)))

export const reasonOf = (error: unknown): string => (error instanceof Failure ? error.reason : String(error))

/** The reason that a promise fails with. */
export const failing = (promise: Promise<unknown>): Promise<string> => promise.then(() => "nothing failed", reasonOf)

/** Seats held and sold on a booking's first departure. */
export async function seatsOf({ sql }: BackendWorld, bookingId: string): Promise<{ held: number; sold: number }> {
  const [row] = await sql<{ held: number; sold: number }[]>`
    select i.held, i.sold
    from booking_segments s
    join inventory i on i.departure_id = s.departure_id and i.cabin = s.cabin
    where s.booking_id = ${bookingId}
    order by s.position
    limit 1`
  return row!
}

/**
 * Holds a booking's row while `begin` sends moves after it: they queue in the order in which `queued` saw them come, and
 * go on when the row is free. Answers how each of them ended.
 */
export async function whileLocked(
  { database, sql }: BackendWorld,
  bookingId: string,
  begin: (queued: (count: number) => Promise<unknown>, tx: Transaction) => Promise<{ moves: Promise<unknown>[] }>,
): Promise<PromiseSettledResult<unknown>[]> {
  const { moves } = await database.inTransaction(async (tx) => {
    const [holder] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`
    await tx`select 1 from bookings where id = ${bookingId} for update`
    // Who waits for this transaction, or behind one who does: not whoever else waits for a lock meanwhile.
    const queued = (count: number) =>
      until(async () => {
        const waiting = await sql`
          with recursive waiting as (
            select ${holder!.pid}::int as pid
            union
            select a.pid from pg_stat_activity a join waiting w on w.pid = any(pg_blocking_pids(a.pid))
            where a.datname = current_database()
          )
          select pid from waiting where pid <> ${holder!.pid}`
        return waiting.length >= count
      })
    return begin(queued, tx)
  })
  return Promise.allSettled(moves)
}

/** Throws unless every seat that is held or sold belongs to a ticket that is, and the other way round. */
export async function auditInventory({ sql }: BackendWorld): Promise<void> {
  const wrong = await sql`
    with owed as (
      select s.departure_id, s.cabin,
             count(*) filter (where t.status = 'unissued')::int as held,
             count(*) filter (where t.status = 'open')::int as sold
      from booking_segments s
      join tickets t on t.booking_id = s.booking_id and t.segment_id = s.id
      join passengers p on p.booking_id = t.booking_id and p.id = t.passenger_id and p.type <> 'infant'
      group by s.departure_id, s.cabin
    )
    select departure_id, cabin, i.held, i.sold, o.held as "heldByBookings", o.sold as "soldToBookings"
    from inventory i
    full join owed o using (departure_id, cabin)
    where (i.held, i.sold) is distinct from (o.held, o.sold)`
  if (wrong.length > 0) throw new Error(`seats without an owner, or owners without a seat: ${JSON.stringify(wrong)}`)
}

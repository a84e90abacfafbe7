import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { connectDatabase } from "@airside/kernel/sql"
import { until } from "@airside/kernel/testing"
import { BookingStatus, PassengerType, TicketStatus } from "@airside/protos/airside/bookings/v1/bookings"
import { BRAND_NAMES } from "../flights/fares.ts"
import {
  ADA,
  auditInventory,
  type BackendWorld,
  book,
  charge,
  failing,
  fareIn,
  givePoints,
  hold,
  holdRequest,
  newTraveller,
  offersFor,
  reasons,
  reread,
  seatsOf,
  settle,
  startBackendWorld,
  startCheckout,
} from "../testing.ts"

const ROUTE = { origin: "VIE", destination: "LHR" }
let world: BackendWorld

beforeAll(async () => {
  world = await startBackendWorld({ OFFER_SECONDS: "20", HOLD_SECONDS: "60", HOLD_EXTENSION_SECONDS: "30" })
})
afterAll(() => world.stop())

/** Turns the clock of a hold: it has lapsed. */
const lapse = (bookingId: string) =>
  world.sql`update bookings set hold_expire_time = now(), next_step_time = now() where id = ${bookingId}`

const statusIs = (held: Awaited<ReturnType<typeof hold>>, status: BookingStatus) =>
  until(async () => (await reread(world, held)).status === status, 10, `status ${status}`)

describe("from offer to ticket", () => {
  test("a guest holds, pays, and has tickets; the seats are sold", async () => {
    const { booking } = await book(world, ROUTE)
    expect(booking.status).toBe(BookingStatus.CONFIRMED)
    expect(booking.tickets).toHaveLength(1)
    expect(booking.tickets[0]!.number).toMatch(/^999\d{10}$/)
    expect(booking.tickets[0]!.status).toBe(TicketStatus.OPEN)
    expect(await seatsOf(world, booking.id)).toMatchObject({ held: 0 })
  })

  test.each(BRAND_NAMES)("the price that was shown is the price that is charged, line by line: %s", async (brand) => {
    const [offer] = await offersFor(world, { ...ROUTE, adults: 2, children: 1, infants: 1 })
    const passengers = [
      ADA,
      ADA,
      { ...ADA, type: PassengerType.CHILD, birthDate: "2020-05-05" },
      { ...ADA, type: PassengerType.INFANT, birthDate: new Date().toISOString().slice(0, 10) },
    ]
    const fare = fareIn(offer!, brand)
    const { booking } = await world.bookings.holdBooking(holdRequest([], { offerTokens: [fare.token], passengers }))
    expect(booking!.segments.map((segment) => segment.brand)).toEqual([brand])
    expect(booking!.price!.total).toEqual(fare.total!)
    const lines = booking!.price!.lines.map((line) => line.amount!.minorUnits)
    expect(lines.reduce((a, b) => a + b, 0n)).toBe(booking!.price!.total!.minorUnits)
    const [shares] = await world.sql<{ total: bigint }[]>`
      select sum(fare_minor_units + tax_minor_units + promo_minor_units)::bigint as total
      from tickets where booking_id = ${booking!.id}`
    expect(shares!.total).toBe(booking!.price!.total!.minorUnits)
    expect(await seatsOf(world, booking!.id)).toMatchObject({ held: 3 }) // the infant sits on a lap
    await lapse(booking!.id)
    await until(async () => (await seatsOf(world, booking!.id)).held === 0)
    await auditInventory(world)
  })

  test("a traveller earns points for the fare, spends them, and pays nothing when they cover the price", async () => {
    const ada = await newTraveller(world)
    const { booking } = await book(world, ROUTE, { token: ada.token })
    const fare = booking.price!.lines[0]!.amount!.minorUnits
    expect(booking.points!.earned).toBe((fare * 2n) / 100n)
    await givePoints(world, ada.userId, 100_000n)
    const { booking: free } = await book(world, ROUTE, { token: ada.token, points: 100_000n })
    expect(free.status).toBe(BookingStatus.CONFIRMED)
    expect(free.price!.total!.minorUnits).toBe(0n)
    expect(free.payment).toBeUndefined()
    expect(free.points!.redeemed < 100_000n).toBe(true) // no more than the price takes
  })
})

describe("rule 2: a request is carried out once", () => {
  test("the same hold again is the same booking; another one with its id is refused", async () => {
    const [offer] = await offersFor(world, ROUTE)
    const request = holdRequest([offer!])
    const twice = await Promise.all([world.bookings.holdBooking(request), world.bookings.holdBooking(request)])
    expect(twice[0].booking!.reference).toBe(twice[1].booking!.reference)
    expect(twice[0].accessToken).not.toBe(twice[1].accessToken)
    const other = { ...request, contact: { email: "grace@example.com", phone: "" } }
    expect(await failing(world.bookings.holdBooking(other))).toBe("REQUEST_ID_REUSED")
  })

  test("a refusal is an answer too: sold out stays sold out for that request", async () => {
    const route = { origin: "VIE", destination: "GRZ", departDate: "2027-06-01" }
    const [offer] = await offersFor(world, route)
    const first = await hold(world, route)
    const request = holdRequest([offer!])
    expect(await failing(world.bookings.holdBooking(request))).toBe("SOLD_OUT")
    await world.bookings.cancelBooking(
      { requestId: newId(), reference: first.booking.reference, quoteToken: "" },
      { token: first.token },
    )
    expect(await failing(world.bookings.holdBooking(request))).toBe("SOLD_OUT")
    await world.bookings.holdBooking(holdRequest([offer!]))
  })

  test("a request_id that was used is refused for anything else, at every step", async () => {
    const ada = await newTraveller(world)
    await book(world, ROUTE, { token: ada.token })
    const { booking } = await hold(world, ROUTE, { token: ada.token })
    const { reference, passengers, segments } = booking
    const same = { requestId: newId(), reference }
    const at = { token: ada.token }
    const seat = (number: string) => ({ passengerId: passengers[0]!.id, segmentId: segments[0]!.id, seat: number })
    const rpcs = [
      (other: boolean) => world.bookings.chooseSeats({ ...same, seats: [seat(other ? "50A" : "51A")] }, at),
      (other: boolean) => world.bookings.startCheckout({ ...same, points: other ? 1n : 0n }, at),
      (other: boolean) => world.bookings.cancelBooking({ ...same, quoteToken: other ? "other" : "" }, at),
    ]
    for (const rpc of rpcs) {
      const first = await rpc(false)
      expect(await failing(rpc(true))).toBe("REQUEST_ID_REUSED")
      expect(await rpc(false)).toEqual(first)
    }
  })

  test("a request without a UUID is refused by name", async () => {
    const [offer] = await offersFor(world, ROUTE)
    const failure = await world.bookings.holdBooking(holdRequest([offer!], { requestId: "42" })).catch((error) => error)
    expect(failure.fields[0].field).toBe("request_id")
  })
})

describe("guarded inventory", () => {
  test("two people want the last seat: one holds it, one is told SOLD_OUT", async () => {
    const [offer] = await offersFor(world, { origin: "VIE", destination: "GRZ" })
    const outcomes = await Promise.allSettled([
      world.bookings.holdBooking(holdRequest([offer!])),
      world.bookings.holdBooking(holdRequest([offer!])),
    ])
    expect(reasons(outcomes).sort()).toEqual(["SOLD_OUT", undefined])
  })

  test("a hundred people at once for ten seats: ten holds, ninety times SOLD_OUT", async () => {
    const [offer] = await offersFor(world, { origin: "VIE", destination: "INN" })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, () => world.bookings.holdBooking(holdRequest([offer!]))),
    )
    expect(reasons(outcomes).filter((reason) => reason === undefined)).toHaveLength(10)
    expect(reasons(outcomes).filter((reason) => reason === "SOLD_OUT")).toHaveLength(90)
    const isOffered = async () => (await offersFor(world, { origin: "VIE", destination: "INN" })).length > 0
    await until(async () => !(await isOffered()), 1, "the search to follow within a second")
  })
})

describe("holds lapse", () => {
  test("seats of a hold that nobody paid are free again, and its payment cannot be paid any more", async () => {
    const held = await hold(world, ROUTE)
    const { paymentId } = await startCheckout(world, held.booking.reference, held.token)
    const before = await seatsOf(world, held.booking.id)
    await lapse(held.booking.id)
    await statusIs(held, BookingStatus.EXPIRED)
    expect((await seatsOf(world, held.booking.id)).held).toBe(before.held - 1)
    expect(await failing(charge(world, paymentId, held.token))).toBe("PAYMENT_STATE")
  })

  test("rule 7: money that arrived just before the lapse pays the booking", async () => {
    const held = await hold(world, ROUTE)
    const { paymentId } = await startCheckout(world, held.booking.reference, held.token)
    await charge(world, paymentId, held.token)
    await lapse(held.booking.id)
    await statusIs(held, BookingStatus.CONFIRMED)
  })

  test("paying races the lapse: either confirmed and charged once, or expired and not charged", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const held = await hold(world, ROUTE)
        const { paymentId } = await startCheckout(world, held.booking.reference, held.token)
        await Promise.allSettled([charge(world, paymentId, held.token), lapse(held.booking.id)])
        const booking = await until(async () => {
          const now = await reread(world, held)
          return [BookingStatus.CONFIRMED, BookingStatus.EXPIRED].some((status) => status === now.status) && now
        })
        const { payment } = await world.payments.getPayment({ paymentId, refresh: true }, { token: world.backendToken })
        return {
          confirmed: booking.status === BookingStatus.CONFIRMED,
          kept: payment!.amount!.minorUnits * BigInt(payment!.status === 4) - (payment!.refunded?.minorUnits ?? 0n),
        }
      }),
    )
    for (const { confirmed, kept } of outcomes) expect(kept > 0n).toBe(confirmed)
  })

  test("a hold that still lasts is not let go, whoever looks at it", async () => {
    const held = await hold(world, ROUTE)
    expect(await settle(world, held.booking.reference, world.uiToken)).toBe(BookingStatus.HELD)
    await startCheckout(world, held.booking.reference, held.token)
    expect(await settle(world, held.booking.reference, world.uiToken)).toBe(BookingStatus.AWAITING_PAYMENT)
  })

  test("checkout of a hold that has lapsed is told so, also before the sweep has come by", async () => {
    const held = await hold(world, ROUTE)
    await world.sql`update bookings set hold_expire_time = now(), next_step_time = null where id = ${held.booking.id}`
    expect(await failing(startCheckout(world, held.booking.reference, held.token))).toBe("HOLD_EXPIRED")
    await lapse(held.booking.id)
  })

  test("who pays at once is told the payment alone, the one that there is already as it is", async () => {
    const held = await hold(world, ROUTE)
    const { reference } = held.booking
    const ask = () =>
      world.bookings.startCheckout({ requestId: newId(), reference, paysAtOnce: true }, { token: held.token })
    const first = await ask()
    expect(first).toMatchObject({ booking: undefined, clientSecret: "", checkoutUrl: "" })
    expect((await startCheckout(world, reference, held.token)).paymentId).toBe(first.paymentId)
    await charge(world, first.paymentId, held.token)
    expect((await ask()).paymentId).toBe(first.paymentId)
    await settle(world, reference, held.token)
    expect((await reread(world, held)).status).toBe(BookingStatus.CONFIRMED)
  })

  test("who pays at once several times in the same moment has one payment, which is there", async () => {
    const held = await hold(world, ROUTE)
    const { reference } = held.booking
    const requestId = newId()
    const ask = (id: string) =>
      world.bookings.startCheckout({ requestId: id, reference, paysAtOnce: true }, { token: held.token })
    const asked = await Promise.all([ask(requestId), ask(requestId), ask(newId()), ask(requestId)])
    expect(new Set(asked.map(({ paymentId }) => paymentId)).size).toBe(1)
    await charge(world, asked[0]!.paymentId, held.token)
    expect((await ask(requestId)).paymentId).toBe(asked[0]!.paymentId)
    expect((await reread(world, held)).holdExpireTime!.getTime() - held.booking.holdExpireTime!.getTime()).toBe(30_000)
    expect(await settle(world, reference, held.token)).toBe(BookingStatus.CONFIRMED)
  })

  test("an attempt that ended before its payment was made has it when somebody pays again", async () => {
    const held = await hold(world, ROUTE)
    const { reference } = held.booking
    const pay = { reference, paysAtOnce: true }
    const { paymentId } = await world.bookings.startCheckout({ requestId: newId(), ...pay }, { token: held.token })
    const payments = connectDatabase({ url: world.world.database.urlOf("payment"), connections: 1 })
    await payments.sql`delete from payment_transactions where id = ${paymentId}`
    await payments.close()
    expect(await failing(charge(world, paymentId, held.token))).toBe("PAYMENT_NOT_FOUND")
    const again = await world.bookings.startCheckout({ requestId: newId(), ...pay }, { token: held.token })
    expect(again.paymentId).toBe(paymentId)
    await charge(world, paymentId, held.token)
    expect(await settle(world, reference, held.token)).toBe(BookingStatus.CONFIRMED)
  })

  test("a request_id that is no UUID is named, also by who pays at once", async () => {
    const { booking, token } = await hold(world, ROUTE)
    const request = { requestId: "nonsense", reference: booking.reference, paysAtOnce: true }
    const refused = await world.bookings.startCheckout(request, { token }).catch((error) => error)
    expect(refused).toMatchObject({ reason: "INVALID_REQUEST", fields: [{ field: "request_id" }] })
  })

  test("the hold is prolonged once, when payment starts", async () => {
    const held = await hold(world, ROUTE)
    const first = (await startCheckout(world, held.booking.reference, held.token)).booking!
    const second = (await startCheckout(world, held.booking.reference, held.token)).booking!
    expect(first.holdExpireTime!.getTime() - held.booking.holdExpireTime!.getTime()).toBe(30_000)
    expect(second.holdExpireTime).toEqual(first.holdExpireTime)
  })
})

describe("rules 6 and 9: one open payment, points as money", () => {
  test("checking out again with the same points is the same payment; with others the former one is closed", async () => {
    const ada = await newTraveller(world)
    await book(world, ROUTE, { token: ada.token })
    const held = await hold(world, ROUTE, { token: ada.token })
    const { reference } = held.booking
    const first = await startCheckout(world, reference, ada.token)
    const again = await startCheckout(world, reference, ada.token)
    expect(again.paymentId).toBe(first.paymentId)
    const withPoints = await startCheckout(world, reference, ada.token, 100n)
    expect(withPoints.paymentId).not.toBe(first.paymentId)
    expect(first.amount!.minorUnits - withPoints.amount!.minorUnits).toBe(100n) // a cent a point
    expect(withPoints.booking!.holdExpireTime).toEqual(first.booking!.holdExpireTime) // prolonged once
    expect(await failing(charge(world, first.paymentId, ada.token))).toBe("PAYMENT_STATE")
    const without = await startCheckout(world, reference, ada.token, 0n)
    expect(without.amount).toEqual(first.amount!)
    const { account } = await world.loyalty.getAccount({ userId: "me" }, { token: ada.token })
    expect(account!.pending).toBe(0n)
  })

  test("points that were redeemed come back when the hold lapses", async () => {
    const ada = await newTraveller(world)
    const { booking } = await book(world, ROUTE, { token: ada.token })
    const held = await hold(world, ROUTE, { token: ada.token, points: 50n })
    await startCheckout(world, held.booking.reference, ada.token)
    const balance = async () =>
      (await world.loyalty.getAccount({ userId: "me" }, { token: ada.token })).account!.balance
    expect(await balance()).toBe(booking.points!.earned - 50n)
    await lapse(held.booking.id)
    await statusIs(held, BookingStatus.EXPIRED)
    expect(await balance()).toBe(booking.points!.earned)
  })

  test("more points than the balance, a guest's points, and a remainder too small for a card are refused", async () => {
    const ada = await newTraveller(world)
    expect(await failing(hold(world, ROUTE, { token: ada.token, points: 1n }))).toBe("NOT_ENOUGH_POINTS")
    expect(await failing(hold(world, ROUTE, { points: 1n }))).toBe("POINTS_NEED_ACCOUNT")
    const [offer] = await offersFor(world, ROUTE)
    const total = fareIn(offer!, "standard").total!.minorUnits
    await givePoints(world, ada.userId, 50_000n)
    const { account } = await world.loyalty.getAccount({ userId: "me" }, { token: ada.token })
    const percent = (await world.loyalty.listTiers({ pageSize: 10, pageToken: "" })).tiers.find(
      (tier) => tier.name === account!.tier,
    )!
    const points = ((total - 20n) * 100n) / BigInt(percent.redemptionPercent)
    // The very offer, for a price moves with the seats that others hold and let go.
    const request = holdRequest([offer!], { offerTokens: [fareIn(offer!, "standard").token], points })
    expect(await failing(world.bookings.holdBooking(request, { token: ada.token }))).toBe("POINTS_REMAINDER_TOO_SMALL")
  })
})

describe("rule 5: settling", () => {
  test("settling ten times at once confirms once and earns once", async () => {
    const ada = await newTraveller(world)
    const held = await hold(world, ROUTE, { token: ada.token })
    const { paymentId } = await startCheckout(world, held.booking.reference, ada.token)
    await charge(world, paymentId, ada.token)
    await Promise.all(Array.from({ length: 10 }, () => settle(world, held.booking.reference, world.uiToken)))
    await statusIs(held, BookingStatus.CONFIRMED)
    const { transactions } = await world.loyalty.listTransactions(
      { userId: "me", pageSize: 100, pageToken: "" },
      { token: ada.token },
    )
    expect(transactions).toHaveLength(1)
  })

  test("money for a booking that has ended goes back in full", async () => {
    const held = await hold(world, ROUTE)
    const { paymentId } = await startCheckout(world, held.booking.reference, held.token)
    await charge(world, paymentId, held.token)
    // As if the closing had been told that nothing was paid.
    await world.sql`update bookings set status = 'expired', next_step_time = null where id = ${held.booking.id}`
    await settle(world, held.booking.reference, world.uiToken)
    await settle(world, held.booking.reference, world.uiToken)
    const { payment } = await world.payments.getPayment({ paymentId, refresh: true }, { token: world.backendToken })
    expect(payment!.refunded).toEqual(payment!.amount!)
  })

  test.each([
    ["amount", "payment_minor_units = payment_minor_units + 1"],
    ["currency", "currency = 'EUR'"],
    ["attempt", "payment_id = gen_random_uuid()"],
  ])("a payment of another %s never pays a booking; the money goes back", async (_, change) => {
    const held = await hold(world, ROUTE)
    const { paymentId } = await startCheckout(world, held.booking.reference, held.token)
    await charge(world, paymentId, held.token)
    await world.sql.unsafe(`update bookings set ${change} where id = '${held.booking.id}'`)
    const subject = { $case: "paymentId", value: paymentId } as const
    await world.bookings.settleBooking({ subject }, { token: world.uiToken })
    expect((await reread(world, held)).status).toBe(BookingStatus.AWAITING_PAYMENT)
    const { payment } = await world.payments.getPayment({ paymentId, refresh: false }, { token: world.backendToken })
    expect(payment!.refunded).toEqual(payment!.amount!)
  })
})

describe("rule 4: any backend carries a booking on", () => {
  test("backend is killed after the charge; after its restart the sweep brings the booking to its end", async () => {
    const held = await hold(world, ROUTE)
    const { paymentId } = await startCheckout(world, held.booking.reference, held.token)
    await charge(world, paymentId, held.token)
    await world.world.kill("backend", "SIGKILL")
    // As if it had died between the move to paid and the tickets.
    await world.sql`
      update bookings
      set status = 'paid', settled_payment_id = ${paymentId}, next_step_time = now()
      where id = ${held.booking.id}`
    await world.world.start("backend")
    await statusIs(held, BookingStatus.CONFIRMED)
  })

  test("loyalty is down when the booking is confirmed; the points arrive when it is back", async () => {
    const ada = await newTraveller(world)
    const held = await hold(world, ROUTE, { token: ada.token })
    const { paymentId } = await startCheckout(world, held.booking.reference, ada.token)
    await world.world.kill("loyalty")
    await charge(world, paymentId, ada.token)
    await settle(world, held.booking.reference, ada.token)
    expect((await reread(world, held)).status).toBe(BookingStatus.CONFIRMED)
    await world.world.start("loyalty")
    await until(async () => (await reread(world, held)).points!.earned > 0n, 15, "points being earned")
  })
})

describe("rule 3: a step that has begun elsewhere is ended and recorded", () => {
  test("a caller who hangs up during checkout finds the payment when asking again", async () => {
    const held = await hold(world, ROUTE)
    const { reference } = held.booking
    const request = { requestId: newId(), reference, points: undefined }
    const hangUp = new AbortController()
    const first = world.bookings.startCheckout(request, { token: held.token, signal: hangUp.signal })
    await until(async () => (await reread(world, held)).status === BookingStatus.AWAITING_PAYMENT)
    hangUp.abort()
    await failing(first)
    const again = await world.bookings.startCheckout(request, { token: held.token })
    expect(again.clientSecret).toContain("_secret_")
    const other = await startCheckout(world, reference, held.token)
    expect(other.paymentId).toBe(again.paymentId)
  })

  test("a booking that cannot be carried on is flagged for staff and carried on when that is possible again", async () => {
    const held = await hold(world, ROUTE)
    await startCheckout(world, held.booking.reference, held.token)
    await world.world.kill("payment")
    await world.sql`update bookings set step_attempts = 9 where id = ${held.booking.id}`
    await lapse(held.booking.id)
    const flagged = async () => {
      const [row] = await world.sql`select flagged, last_error from bookings where id = ${held.booking.id}`
      await world.sql`update bookings set step_attempts = 10, next_step_time = now() where id = ${held.booking.id} and not flagged`
      return row!.flagged && row
    }
    expect((await until(flagged, 15)).last_error).toContain("Failure")
    await world.world.start("payment")
    const expired = async () => {
      const [row] = await world.sql`
        update bookings set next_step_time = least(next_step_time, now()) where id = ${held.booking.id} returning status, flagged`
      return row!.status === "expired" && row
    }
    expect((await until(expired, 15)).flagged).toBe(false) // nobody has to look any more
  })
})

describe("somebody else's booking does not exist", () => {
  test("a stranger and another guest are told BOOKING_NOT_FOUND, whatever they try", async () => {
    const sold = await book(world, ROUTE)
    const grace = await newTraveller(world)
    const { token: guest } = await hold(world, ROUTE)
    const { reference } = sold.booking
    for (const token of [grace.token, guest]) {
      const attempts = [
        world.bookings.getBooking({ reference }, { token }),
        startCheckout(world, reference, token),
        world.bookings.quoteCancellation({ reference, passengerIds: [], slices: [] }, { token }),
        world.bookings.cancelBooking({ requestId: newId(), reference, quoteToken: "" }, { token }),
        settle(world, reference, token),
        world.bookings.chooseSeats({ requestId: newId(), reference, seats: [] }, { token }),
      ]
      expect(new Set(reasons(await Promise.allSettled(attempts)))).toEqual(new Set(["BOOKING_NOT_FOUND"]))
    }
  })

  test("paying and cancelling want a session that still lives", async () => {
    const ada = await newTraveller(world)
    const held = await hold(world, ROUTE, { token: ada.token })
    await world.accounts.logOut({ requestId: newId() }, { token: ada.token })
    expect(await failing(startCheckout(world, held.booking.reference, ada.token))).toBe("SESSION_ENDED")
    const guest = await hold(world, ROUTE)
    const find = { requestId: newId(), reference: guest.booking.reference, familyName: "Lovelace" }
    await world.bookings.findBooking(find) // another door, which stays open
    await world.accounts.logOut({ requestId: newId() }, { token: guest.token })
    const { reference } = guest.booking
    expect(await failing(startCheckout(world, reference, guest.token))).toBe("SESSION_ENDED")
    const cancel = world.bookings.cancelBooking(
      { requestId: newId(), reference, quoteToken: "" },
      { token: guest.token },
    )
    expect(await failing(cancel)).toBe("SESSION_ENDED")
  })
})

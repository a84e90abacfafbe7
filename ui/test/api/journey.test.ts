import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { connectDatabase } from "@airside/kernel/sql"
import { until, type World } from "@airside/kernel/testing"
import { type Ask, client, inDays, offerTokens, orderOf, registered, startSeededWorld } from "./world.ts"

let world: World
let anybody: Ask

beforeAll(async () => {
  world = await startSeededWorld()
  anybody = client(world.uiUrl)
}, 60_000)
afterAll(() => world?.stop())

describe("a person's journey", () => {
  let ada: Ask
  let reference: string

  test("registers, searches there and back, and sees the price before booking it", async () => {
    ada = await registered(world.uiUrl, "ada")
    expect((await ada("GET", "/api/auth/me")).body.user).toMatchObject({ username: "ada", staff: false })

    const order = { ...orderOf(await offerTokens(anybody, { back: true })), promo_code: "SAVE10" }
    const priced = await ada("POST", "/api/flights/price", order)
    const booked = await ada("POST", "/api/flights/book", order)
    expect(booked.status).toBe(201)
    expect(booked.body.access_token).toBeUndefined()
    expect(booked.body.booking).toMatchObject({ status: "held", total: priced.body.total, promo_code: "SAVE10" })
    expect(booked.body.booking.segments.map((segment: { slice: number }) => segment.slice)).toEqual([0, 1])
    reference = booked.body.booking.reference
  })

  test("sees the flights with their price, slice by slice: those that are booked, for what each costs alone", async () => {
    const tokens = await offerTokens(anybody, { back: true })
    const { price, slices } = (await ada("POST", "/api/flights/price", orderOf(tokens))).body
    const { booking } = (await ada("GET", `/api/bookings/${reference}`)).body
    const booked = booking.segments.map(({ id: _, slice: __, cabin, brand, ...flight }: Record<string, unknown>) => ({
      cabin,
      brand,
      segments: [flight],
    }))
    expect(slices.map(({ total: _, ...slice }: Record<string, unknown>) => slice)).toEqual(booked)
    const [out, back] = slices.map(({ total }: { total: { minor_units: number } }) => total.minor_units)
    expect(out + back).toBe(price.total.minor_units)
  })

  test("a declined card says why and leaves the seats held", async () => {
    const payment_method = "pm_card_visa_chargeDeclinedInsufficientFunds"
    const declined = await ada("POST", "/api/payments/process", { booking_reference: reference, payment_method })
    expect(declined.status).toBe(409)
    expect(declined.body).toMatchObject({ reason: "CARD_DECLINED", decline_code: "insufficient_funds" })
    expect((await ada("GET", `/api/bookings/${reference}`)).body.booking.status).toBe("awaiting_payment")
  })

  test("pays and has a ticket for each segment, a payment and points", async () => {
    const paid = await ada("POST", "/api/payments/process", pay(reference))
    expect(paid.body).toEqual({ status: "succeeded" })

    const { booking } = (await ada("GET", `/api/bookings/${reference}`)).body
    expect(booking.status).toBe("confirmed")
    expect(booking.tickets.map((ticket: { status: string }) => ticket.status)).toEqual(["open", "open"])
    expect(booking.payment.amount).toEqual(booking.total)

    const { transactions } = (await ada("GET", "/api/payments/history/me")).body
    expect(transactions).toHaveLength(1)
    expect(transactions[0]).toMatchObject({ kind: "payment", status: "succeeded", booking_reference: reference })

    const { account } = (await ada("GET", "/api/loyalty/account/me")).body
    expect(account.balance).toBe(booking.points.earned)
    expect(account.balance).toBeGreaterThan(0)
    expect((await ada("GET", "/api/bookings")).body.bookings).toHaveLength(1)
  })

  test("nobody pays twice", async () => {
    const again = await ada("POST", "/api/payments/process", pay(reference))
    expect([again.status, again.body.reason]).toEqual([409, "PAYMENT_STATE"])
    expect((await ada("GET", "/api/payments/history/me")).body.transactions).toHaveLength(1)
  })

  test("chooses a seat, which is then taken from the map", async () => {
    const { segments } = (await ada("GET", `/api/bookings/${reference}/seats`)).body
    const seat = segments[0].seats.find((each: { status: string }) => each.status === "free").number
    const { booking } = (await ada("GET", `/api/bookings/${reference}`)).body
    const choice = { passenger_id: booking.passengers[0].id, segment_id: segments[0].segment_id, seat }
    const chosen = await ada("POST", `/api/bookings/${reference}/seats`, { seats: [choice] })
    expect(chosen.body.booking.seats).toContainEqual(choice)
    const map = (await ada("GET", `/api/bookings/${reference}/seats`)).body.segments[0].seats
    expect(map.find((each: { number: string }) => each.number === seat).status).toBe("yours")
  })

  test("cancels exactly as quoted, once; a part first, if wanted", async () => {
    const unknown = await ada("POST", `/api/bookings/${reference}/cancellation-quote`, { slices: [5] })
    expect([unknown.status, unknown.body.errors[0].field]).toEqual([422, "slices"])
    const part = (await ada("POST", `/api/bookings/${reference}/cancellation-quote`, { slices: [1] })).body
    const whole = (await ada("POST", `/api/bookings/${reference}/cancellation-quote`)).body
    expect(part.refund.minor_units).toBeLessThan(whole.refund.minor_units)

    const quote = (await ada("POST", `/api/bookings/${reference}/cancellation-quote`, { slices: [1, 0] })).body
    const cancelled = await ada("POST", `/api/bookings/${reference}/cancel`, { quote_token: quote.quote_token })
    expect(cancelled.body.booking).toMatchObject({ status: "cancelled", payment: { refunded: quote.refund } })
    expect((await ada("GET", "/api/loyalty/account/me")).body.account.balance).toBe(0)

    const twice = await ada("POST", `/api/bookings/${reference}/cancel`, { quote_token: quote.quote_token })
    expect([twice.status, twice.body.reason]).toEqual([409, "BOOKING_STATE"])
    const { transactions } = (await ada("GET", "/api/payments/history/me")).body
    expect(transactions[0]).toMatchObject({ kind: "refund", amount: quote.refund })
  })
})

describe("a guest's journey", () => {
  test("books, pays and finds the booking again, without an account", async () => {
    const booked = await anybody("POST", "/api/flights/book", orderOf(await offerTokens(anybody)))
    const { reference } = booked.body.booking
    const guest = client(world.uiUrl, booked.body.access_token)
    expect((await guest("POST", "/api/payments/process", pay(reference))).body.status).toBe("succeeded")

    const wrong = await anybody("POST", "/api/bookings/find", { reference, family_name: "Byron" })
    expect([wrong.status, wrong.body.reason]).toEqual([404, "BOOKING_NOT_FOUND"])
    const found = await anybody("POST", "/api/bookings/find", { reference, family_name: "lovelace" })
    expect(found.body.booking.status).toBe("confirmed")
    const later = client(world.uiUrl, found.body.access_token)
    expect((await later("GET", `/api/bookings/${reference}`)).body.booking.reference).toBe(reference)
  })
})

describe("seats", () => {
  test("are chosen where the brand allows it, on the pages as in the API", async () => {
    const { brands } = (await anybody("GET", "/api/flights/brands")).body
    const { slices } = (
      await anybody("GET", `/api/flights/search?origin=LHR&destination=JFK&depart_date=${inDays(60)}`)
    ).body
    const answers: unknown[] = []
    for (const { name } of brands) {
      const fare = slices[0].offers[0].fares.find(({ brand }: { brand: string }) => brand === name)
      const { booking, access_token } = (await anybody("POST", "/api/flights/book", orderOf([fare.token]))).body
      const { reference } = booking
      const cookie = `airside_guest_${reference}=${access_token}`
      const page = async (path: string) => (await fetch(world.uiUrl + path, { headers: { cookie } })).text()
      const guest = client(world.uiUrl, access_token)
      const [map] = (await guest("GET", `/api/bookings/${reference}/seats`)).body.segments
      const seat = map.seats.find(({ status }: { status: string }) => status === "free").number
      const choice = { passenger_id: booking.passengers[0].id, segment_id: map.segment_id, seat }
      answers.push({
        name,
        link: (await page(`/bookings/${reference}`)).includes(`/bookings/${reference}/seats`),
        map: (await page(`/bookings/${reference}/seats`)).includes('name="seat"'),
        status: (await guest("POST", `/api/bookings/${reference}/seats`, { seats: [choice] })).status,
      })
    }
    expect(answers).toEqual(
      brands.map(({ name, chooses_seats: may }: { name: string; chooses_seats: boolean }) => ({
        name,
        link: may,
        map: may,
        status: may ? 200 : 409,
      })),
    )
  })
})

describe("points", () => {
  test("staff award them, the traveller spends them, and only staff can", async () => {
    const mary = await registered(world.uiUrl, "mary")
    const { user } = (await mary("GET", "/api/auth/me")).body
    const award = { user_id: user.id, points: 3000, reason: "Sorry for the lost bag" }
    expect((await mary("POST", "/api/loyalty/earn", award)).body.reason).toBe("NOT_ALLOWED")
    expect((await anybody("POST", "/api/loyalty/earn", award)).status).toBe(401)

    const staff = await staffMember()
    expect((await staff("POST", "/api/loyalty/earn", award)).body.account.balance).toBe(3000)

    const booked = await mary("POST", "/api/flights/book", orderOf(await offerTokens(anybody)))
    const { reference, total } = booked.body.booking
    const redeemed = await mary("POST", "/api/loyalty/redeem", { booking_reference: reference, points: 1000 })
    expect(redeemed.body.transaction).toMatchObject({ kind: "redeem", points: -1000, booking_reference: reference })
    expect(redeemed.body.account).toMatchObject({ balance: 2000, pending: 1000 })

    const tooMany = await mary("POST", "/api/payments/create-intent", { booking_reference: reference, points: 99_000 })
    expect([tooMany.status, tooMany.body.reason]).toEqual([409, "NOT_ENOUGH_POINTS"])

    // Points are kept on the way to the card: ten dollars at one cent a point.
    await mary("POST", "/api/payments/create-intent", { booking_reference: reference, points: 1000 })
    expect((await mary("POST", "/api/payments/process", pay(reference))).body.status).toBe("succeeded")
    const { booking } = (await mary("GET", `/api/bookings/${reference}`)).body
    expect(booking.points.redeemed).toBe(1000)
    expect(booking.payment.amount.minor_units).toBe(total.minor_units - 1000)
  })

  test("pay for everything: nothing is left for a card, and no card is asked", async () => {
    const rosa = await registered(world.uiUrl, "rosa")
    const { user } = (await rosa("GET", "/api/auth/me")).body
    const staff = await staffMember()
    await staff("POST", "/api/loyalty/earn", { user_id: user.id, points: 500_000, reason: "A prize" })
    const booked = await rosa("POST", "/api/flights/book", orderOf(await offerTokens(anybody)))
    const { reference, total } = booked.body.booking
    const checkout = await rosa("POST", "/api/payments/create-intent", {
      booking_reference: reference,
      points: await pointsWorth(rosa, total.minor_units),
    })
    expect(checkout.body).toMatchObject({ payment_id: null, checkout_url: null, amount: { minor_units: 0 } })
    await until(async () => (await rosa("GET", `/api/bookings/${reference}`)).body.booking.status === "confirmed")
  })
})

describe("other people's bookings", () => {
  test("are not found, whoever asks and whatever for", async () => {
    const owner = await registered(world.uiUrl, "grace")
    const { reference } = (await owner("POST", "/api/flights/book", orderOf(await offerTokens(anybody)))).body.booking
    const guest = (await anybody("POST", "/api/flights/book", orderOf(await offerTokens(anybody)))).body.access_token
    const strangers = [await registered(world.uiUrl, "eve"), client(world.uiUrl, guest)]
    for (const stranger of strangers) {
      const answers = [
        await stranger("GET", `/api/bookings/${reference}`),
        await stranger("GET", `/api/bookings/${reference}/seats`),
        await stranger("POST", "/api/payments/create-intent", { booking_reference: reference }),
        await stranger("POST", "/api/payments/process", pay(reference)),
        await stranger("POST", `/api/bookings/${reference}/cancellation-quote`),
        await stranger("POST", `/api/bookings/${reference}/cancel`),
      ]
      expect(answers.map(({ status, body }) => [status, body.reason])).toEqual(
        answers.map(() => [404, "BOOKING_NOT_FOUND"]),
      )
    }
    expect((await anybody("GET", `/api/bookings/${reference}`)).status).toBe(401)
    const { user } = (await owner("GET", "/api/auth/me")).body
    expect((await strangers[0]!("GET", `/api/payments/history/${user.id}`)).body.reason).toBe("USER_NOT_FOUND")
    expect((await strangers[0]!("GET", `/api/loyalty/account/${user.id}`)).body.reason).toBe("USER_NOT_FOUND")
    expect((await owner("GET", `/api/bookings/${reference}`)).body.booking.status).toBe("held")
  })
})

describe("staff", () => {
  test("read of a customer's booking what stands with the customer, and are not asked to pay for it", async () => {
    const owner = await registered(world.uiUrl, "emmy")
    const { reference } = (await owner("POST", "/api/flights/book", orderOf(await offerTokens(anybody)))).body.booking
    const staff = await staffMember()
    const pages = async () =>
      Promise.all([owner, staff].map(async (ask) => (await ask("GET", `/bookings/${reference}`)).body as string))
    const headings = async () => (await pages()).map((page) => /<h1>(.*?)<\/h1>/.exec(page)?.[1])
    expect(await headings()).toEqual(["Your seats are held", "The customer’s seats are held"])
    expect((await pages()).map((page) => page.includes(`/bookings/${reference}/pay"`))).toEqual([true, false])
    await owner("POST", "/api/payments/process", pay(reference))
    await until(async () => (await owner("GET", `/api/bookings/${reference}`)).body.booking.status === "confirmed")
    expect(await headings()).toEqual(["You are booked", "The customer is booked"])
  })
})

describe("the hosted page", () => {
  test("has one open Stripe object at a time, and paying in another way closes it", async () => {
    const owner = await registered(world.uiUrl, "hedy")
    const { reference } = (await owner("POST", "/api/flights/book", orderOf(await offerTokens(anybody)))).body.booking
    const intent = (await owner("POST", "/api/payments/create-intent", { booking_reference: reference })).body
    const followed = await fetch(intent.checkout_url, { redirect: "manual" })
    expect(followed.status).toBe(303)
    expect(followed.headers.get("location")).toStartWith(world.environment.SANDBOX_PUBLIC_URL!)

    const withoutKey = await fetch(`${world.uiUrl}/pay/${intent.payment_id}?key=guessed`, { redirect: "manual" })
    expect(withoutKey.status).toBe(404)

    expect((await owner("POST", "/api/payments/process", pay(reference))).body.status).toBe("succeeded")
    const late = await fetch(intent.checkout_url, { redirect: "manual" })
    expect(late.headers.get("location")).toBe(`${world.uiUrl}/checkout/return?payment=${intent.payment_id}`)
    const returned = await fetch(late.headers.get("location")!, { redirect: "manual" })
    expect(returned.headers.get("location")).toBe(`/bookings/${reference}`)
    const shown = await fetch(`${world.uiUrl}/bookings/${reference}`)
    expect(await shown.text()).not.toContain("Lovelace")
  })

  test("3-D Secure answers where the payer must go", async () => {
    const owner = await registered(world.uiUrl, "alan")
    const { reference } = (await owner("POST", "/api/flights/book", orderOf(await offerTokens(anybody)))).body.booking
    const payment_method = "pm_card_authenticationRequired"
    const asked = await owner("POST", "/api/payments/process", { booking_reference: reference, payment_method })
    expect(asked.body.status).toBe("requires_action")
    expect(asked.body.redirect_url).toStartWith(world.environment.SANDBOX_PUBLIC_URL!)
  })
})

test("Stripe's own signed events arrive and are accepted", async () => {
  const accepted = 'route="/api/payments/webhook",status="200"'
  await until(async () => (await anybody("GET", "/metrics")).body.includes(accepted), 10, "an accepted event")
})

describe("repeating a request", () => {
  test("with its Idempotency-Key gives the same booking, and other facts under that key are refused", async () => {
    const owner = await registered(world.uiUrl, "katherine")
    const order = orderOf(await offerTokens(anybody))
    const key = { "idempotency-key": crypto.randomUUID() }
    const [first, second] = await Promise.all([
      owner("POST", "/api/flights/book", order, key),
      owner("POST", "/api/flights/book", order, key),
    ])
    expect(first.headers.get("idempotency-key")).toBe(key["idempotency-key"])
    const references = [first, second].filter(({ status }) => status === 201).map(({ body }) => body.booking.reference)
    expect(new Set(references).size).toBe(1)
    const third = await owner("POST", "/api/flights/book", order, key)
    expect(third.body.booking.reference).toBe(references[0])

    const other = await owner("POST", "/api/flights/book", { ...order, promo_code: "SAVE20" }, key)
    expect([other.status, other.body.reason]).toEqual([409, "REQUEST_ID_REUSED"])
    expect((await owner("GET", "/api/bookings")).body.bookings).toHaveLength(1)
  })

  test("without one, the answer names the key that was made up", async () => {
    const answer = await anybody("POST", "/api/bookings/find", { reference: "AAAAAA", family_name: "Nobody" })
    expect(answer.headers.get("idempotency-key")).toBe(answer.body.request_id)
  })
})

describe("a session", () => {
  test("works as a cookie and as a bearer, and ends everywhere when it is logged out", async () => {
    const login = { username: "ADA@example.com", password: "correct horse battery" }
    const { access_token } = (await anybody("POST", "/api/auth/login", login)).body
    const cookie = { cookie: `theme=dark; airside_session=${access_token}` }
    expect((await anybody("GET", "/api/auth/me", undefined, cookie)).body.user.username).toBe("ada")
    expect((await anybody("POST", "/api/auth/logout", undefined, cookie)).status).toBe(204)
    const bearer = await client(world.uiUrl, access_token)("GET", "/api/auth/me")
    expect([bearer.status, bearer.body.reason]).toEqual([401, "SESSION_ENDED"])
    expect((await anybody("GET", "/api/auth/me", undefined, cookie)).body.reason).toBe("LOG_IN_REQUIRED")
    expect((await client(world.uiUrl, access_token)("POST", "/api/auth/logout")).status).toBe(204)
  })

  test("a browser is not made to act by another site's page", async () => {
    const foreign: [string, string][] = [
      ["origin", "http://evil.example"],
      ["origin", "null"],
      ["sec-fetch-site", "same-site"],
    ]
    for (const [name, value] of foreign) {
      const headers = { cookie: "airside_session=x", [name]: value }
      const answer = await anybody("POST", "/api/auth/logout", undefined, headers)
      expect([answer.status, answer.body.reason]).toEqual([403, "CROSS_SITE"])
    }
    const ours = { cookie: "airside_session=x", origin: world.uiUrl }
    expect((await anybody("POST", "/api/auth/logout", undefined, ours)).status).toBe(204)
  })
})

const pay = (booking_reference: string) => ({ booking_reference, payment_method: "pm_card_visa" })

/** Points that are worth an amount at the account's tier, rounded up. */
async function pointsWorth(ask: Ask, minorUnits: number): Promise<number> {
  const { account } = (await ask("GET", "/api/loyalty/account/me")).body
  const { tiers } = (await ask("GET", "/api/loyalty/tiers")).body
  const { redemption_percent } = tiers.find((tier: { name: string }) => tier.name === account.tier)
  return Math.ceil((minorUnits * 100) / redemption_percent)
}

/** Somebody whom the operator made staff, logged in after that. */
async function staffMember(): Promise<Ask> {
  const username = `staff${crypto.randomUUID().slice(0, 8)}`
  await registered(world.uiUrl, username)
  const database = connectDatabase({ url: world.database.url, connections: 2, name: "ui-tests" })
  await database.sql`update backend.users set staff = true where username_key = ${username}`
  await database.close()
  const login = { username, password: "correct horse battery" }
  return client(world.uiUrl, (await anybody("POST", "/api/auth/login", login)).body.access_token)
}

describe("a city's code", () => {
  test("is suggested before its airports, and searches them all", async () => {
    const { places } = (await anybody("GET", "/api/places/search?q=london")).body
    expect(places[0]).toMatchObject({ code: "LON", name: "London, all airports", country_code: "GB" })
    expect(places[0].airports.toSorted()).toEqual(["LCY", "LGW", "LHR", "LTN", "STN"])
    expect(places[1]).toMatchObject({ code: places[0].airports[0], airports: [] })

    const originsOf = async (origin: string) => {
      const search = `origin=${origin}&destination=EDI&depart_date=${inDays(60)}&max_connections=0&limit=100`
      const [slice] = (await anybody("GET", `/api/flights/search?${search}`)).body.slices
      expect(slice.origin).toBe(origin)
      return slice.offers.map((offer: { segments: { origin: string }[] }) => offer.segments[0]!.origin)
    }
    const each: string[][] = await Promise.all(places[0].airports.map(originsOf))
    expect(each.filter((found) => found.length > 0).length).toBeGreaterThan(1)
    expect((await originsOf("LON")).sort()).toEqual(each.flat().sort())
  })

  test("is what a city's name means on the pages, where one airport of several has to be chosen", async () => {
    const options = await (await fetch(`${world.uiUrl}/places?field=origin&q=london`)).text()
    expect(options).toContain('data-value="London, all airports (LON)"')
    expect(options).toContain('data-value="London (LHR)"')
    const flights = (origin: string) =>
      fetch(`${world.uiUrl}/flights?origin=${origin}&destination=VIE&depart_date=${inDays(60)}`, { redirect: "manual" })
    for (const typed of ["London", "london, all airports (lon)"]) {
      const answer = await flights(encodeURIComponent(typed))
      expect([answer.status, answer.headers.get("location")]).toEqual([303, expect.stringContaining("origin=LON&")])
    }
    expect((await flights("LON")).status).toBe(200)
    expect((await flights("Dallas")).status).toBe(422)
  })
})

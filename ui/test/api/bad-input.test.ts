import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { connectDatabase } from "@airside/kernel/sql"
import { until, type World } from "@airside/kernel/testing"
import { ADA, type Ask, client, inDays, offerTokens, orderOf, registered, startSeededWorld } from "./world.ts"

let world: World
let anybody: Ask

beforeAll(async () => {
  world = await startSeededWorld()
  anybody = client(world.uiUrl)
}, 60_000)
afterAll(() => world?.stop())

const SEARCH = { origin: "LHR", destination: "JFK", depart_date: inDays(60) }

describe("a search", () => {
  const refused: [what: string, change: Record<string, string>, fields: string[]][] = [
    ["an unknown place", { origin: "QQQ" }, ["origin"]],
    ["a place that is no code", { origin: "London", destination: "1" }, ["origin", "destination"]],
    ["the same place twice", { destination: "LHR" }, ["destination"]],
    ["a city and one of its airports", { destination: "LON" }, ["destination"]],
    ["yesterday", { depart_date: inDays(-2) }, ["depart_date"]],
    ["a day beyond the sale horizon", { depart_date: inDays(340) }, ["depart_date"]],
    ["a date that does not exist", { depart_date: "2027-02-30" }, ["depart_date"]],
    ["a return before the departure", { return_date: inDays(59) }, ["return_date"]],
    ["no adults", { adults: "0" }, ["adults"]],
    ["negative adults", { adults: "-1" }, ["adults"]],
    ["ten adults", { adults: "10" }, ["adults"]],
    ["ten seats", { adults: "5", children: "5" }, ["adults"]],
    ["more infants than laps", { adults: "1", infants: "2" }, ["infants"]],
    ["numbers that are words", { adults: "x", limit: "many" }, ["adults", "limit"]],
    ["words that are not known", { cabin: "sofa", sort: "colour" }, ["cabin", "sort"]],
    ["parameters that are not known", { adult: "2" }, ["adult"]],
  ]
  test.each(refused)("for %s names the field", async (_what, change, fields) => {
    const answer = await anybody("GET", `/api/flights/search?${new URLSearchParams({ ...SEARCH, ...change })}`)
    expect(answer.headers.get("content-type")).toBe("application/problem+json")
    expect([answer.status, answer.body.reason]).toEqual([422, "INVALID_REQUEST"])
    expect(fieldsOf(answer).sort()).toEqual([...fields].sort())
  })

  test("names everything that is wrong at once", async () => {
    const answer = await anybody("GET", "/api/flights/search?origin=LHR&origin=CDG&adults=1.5&cabin=bed&q=1")
    expect(fieldsOf(answer).sort()).toEqual(["adults", "cabin", "depart_date", "destination", "origin", "q"])
  })

  test("for a month that does not exist names the month", async () => {
    const answer = await anybody("GET", "/api/flights/calendar?origin=LHR&destination=JFK&month=2027-13")
    expect(fieldsOf(answer)).toEqual(["month"])
  })
})

describe("an order", () => {
  test("names every bad field by its path", async () => {
    const answer = await anybody("POST", "/api/flights/book", {
      offer_tokens: [7],
      passengers: [
        { ...ADA, family_name: "" },
        { type: "dog", given_name: 5, birth_date: "yesterday", tail: true },
      ],
      contact: { email: "ada@example.com", fax: "1" },
      points: "100",
      surprise: 1,
    })
    expect(answer.status).toBe(422)
    expect(fieldsOf(answer).sort()).toEqual(
      [
        "offer_tokens[0]",
        "passengers[0].family_name",
        "passengers[1].type",
        "passengers[1].given_name",
        "passengers[1].family_name",
        "passengers[1].birth_date",
        "passengers[1].tail",
        "contact.fax",
        "points",
        "surprise",
      ].sort(),
    )
  })

  test("refuses an integer that JSON cannot carry", async () => {
    const order = JSON.stringify(orderOf(["x"])).replace("{", '{"points":12345678901234567890,')
    expect(fieldsOf(await anybody("POST", "/api/flights/book", order))).toEqual(["points"])
  })

  test("refuses an altered offer and passengers it was not made for", async () => {
    const [token] = await offerTokens(anybody)
    const altered = `${token!.slice(0, -1)}${token!.endsWith("A") ? "B" : "A"}`
    for (const offer of [altered, "nonsense"]) {
      const answer = await anybody("POST", "/api/flights/book", orderOf([offer]))
      expect([answer.status, answer.body.reason]).toEqual([422, "OFFER_INVALID"])
    }
    const two = { ...orderOf([token!]), passengers: [ADA, ADA] }
    expect((await anybody("POST", "/api/flights/book", two)).status).toBe(422)
  })

  test("refuses offers that do not combine, unknown promo codes and points without an account", async () => {
    const [token] = await offerTokens(anybody)
    const twice = await anybody("POST", "/api/flights/price", orderOf([token!, token!]))
    expect([twice.status, twice.body.reason]).toEqual([409, "OFFERS_DO_NOT_COMBINE"])
    const order = orderOf([token!])
    const promo = await anybody("POST", "/api/flights/price", { ...order, promo_code: "NOSUCH" })
    expect([promo.status, promo.body.reason]).toEqual([409, "PROMO_UNKNOWN"])
    const points = await anybody("POST", "/api/flights/price", { ...order, points: 100 })
    expect([points.status, points.body.reason]).toEqual([409, "POINTS_NEED_ACCOUNT"])
    const person = await registered(world.uiUrl, "joan")
    const tooMany = await person("POST", "/api/flights/price", { ...order, points: 100 })
    expect([tooMany.status, tooMany.body.reason]).toEqual([409, "NOT_ENOUGH_POINTS"])
  })

  test("keeps a name with markup as it was typed, and a page shows it escaped", async () => {
    const given_name = '<img src=x onerror="alert(1)">'
    const order = { ...orderOf(await offerTokens(anybody)), passengers: [{ ...ADA, given_name }] }
    const booked = await anybody("POST", "/api/flights/book", order)
    expect(booked.body.booking.passengers[0].given_name).toBe(given_name)
    const { reference } = booked.body.booking
    const cookie = `airside_guest_${reference}=${booked.body.access_token}`
    const page = await (await fetch(`${world.uiUrl}/bookings/${reference}`, { headers: { cookie } })).text()
    expect(page).toContain("&lt;img src=x")
    expect(page).not.toContain("<img src=x")
  })

  test("for the last seat is answered once, and SOLD_OUT to whoever comes second", async () => {
    const database = connectDatabase({ url: world.database.url, connections: 2, name: "ui-tests" })
    await database.sql`
      update backend.flight_cabins set capacity = 1
      where flight_id in (select id from backend.flights where origin = 'JFK' and destination = 'LHR')`
    await database.close()
    const search = await anybody("GET", `/api/flights/search?origin=JFK&destination=LHR&depart_date=${inDays(90)}`)
    const order = orderOf([search.body.slices[0].offers[0].token])
    const answers = await Promise.all([1, 2].map(() => anybody("POST", "/api/flights/book", order)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    expect(answers.find(({ status }) => status === 409)!.body.reason).toBe("SOLD_OUT")
  })
})

describe("a body", () => {
  const path = "/api/auth/login"

  test("of 5 MiB is refused with 413, with and without its length", async () => {
    const large = "x".repeat(5 * 1024 * 1024)
    const answer = await anybody("POST", path, large)
    expect([answer.status, answer.body.reason]).toEqual([413, "BODY_TOO_LARGE"])
    const stream = new Blob([large]).stream()
    const init = { method: "POST", body: stream, headers: { "content-type": "application/json" }, duplex: "half" }
    expect((await fetch(world.uiUrl + path, init as RequestInit)).status).toBe(413)
  })

  test("that is not JSON, not said to be, or not there is refused", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded" }
    const answers = [
      await anybody("POST", path, "{"),
      await anybody("POST", path, "username=ada", form),
      await anybody("POST", path),
      await anybody("POST", path, "[]"),
    ]
    expect(answers.map(({ status, body }) => [status, body.reason])).toEqual([
      [400, "MALFORMED_JSON"],
      [415, "CONTENT_TYPE"],
      [422, "INVALID_REQUEST"],
      [422, "INVALID_REQUEST"],
    ])
  })

  test("under an Idempotency-Key that is no UUID is refused, and the header is named", async () => {
    const answer = await anybody("POST", path, { username: "ada" }, { "idempotency-key": "1" })
    expect(fieldsOf(answer).sort()).toEqual(["Idempotency-Key", "password"])
  })
})

test("registration names what is wrong, and what is taken", async () => {
  const person = { username: "a b", email: "nowhere", password: "short", first_name: "A", last_name: "B" }
  const answer = await anybody("POST", "/api/auth/register", person)
  expect(fieldsOf(answer).sort()).toEqual(["email", "password", "username"])
  await registered(world.uiUrl, "taken")
  const again = { ...person, username: "TAKEN", email: "other@example.com", password: "long enough" }
  expect((await anybody("POST", "/api/auth/register", again)).body.reason).toBe("USERNAME_TAKEN")
})

test("an address that leads nowhere, and ids that are none, are answered as such", async () => {
  expect((await anybody("GET", "/api/nowhere")).status).toBe(404)
  expect((await anybody("GET", "/nowhere")).status).toBe(404)
  const person = await registered(world.uiUrl, "barbara")
  expect((await person("GET", "/api/bookings/'--")).status).toBe(404)
  expect(fieldsOf(await person("GET", "/api/loyalty/history/somebody"))).toEqual(["user_id"])
  expect(fieldsOf(await person("GET", "/api/bookings?page_size=0&page_token=x"))).toEqual(["page_size"])
  expect((await person("DELETE", `/api/payments/cards/${crypto.randomUUID()}`)).body.reason).toBe("CARD_NOT_FOUND")
  expect((await fetch(`${world.uiUrl}/pay/1?key=2`)).status).toBe(404)
  expect((await fetch(`${world.uiUrl}/checkout/return?payment=${crypto.randomUUID()}`)).status).toBe(404)
})

test("an event with a wrong, stale or missing signature is refused and changes nothing", async () => {
  const event = JSON.stringify({ id: "evt_1", type: "payment_intent.succeeded", data: { object: {} } })
  const secret = world.environment.STRIPE_WEBHOOK_SECRET!
  const now = Math.floor(Date.now() / 1000)
  const signed = async (time: number, key: string) => {
    const mac = new Bun.CryptoHasher("sha256", key).update(`${time}.${event}`).digest("hex")
    const answer = await anybody("POST", "/api/payments/webhook", event, { "stripe-signature": `t=${time},v1=${mac}` })
    return [answer.status, answer.body.reason]
  }
  const refused = [400, "WEBHOOK_SIGNATURE"]
  expect(await signed(now, "whsec_another")).toEqual(refused)
  expect(await signed(now - 3600, secret)).toEqual(refused)
  const missing = await anybody("POST", "/api/payments/webhook", event)
  expect([missing.status, missing.body.reason]).toEqual(refused)
  // One that is signed and concerns nothing of ours is taken, so that it is not sent again.
  expect(await signed(now, secret)).toEqual([200, undefined])
})

describe("when backend is away", () => {
  test("requests are told to come again, the process is up and not ready, and offers expire meanwhile", async () => {
    const tokens = await offerTokens(anybody)
    await world.kill("backend")
    const answer = await anybody("GET", `/api/flights/search?${new URLSearchParams(SEARCH)}`)
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "2"])
    expect(answer.body.detail).not.toContain(world.environment.BACKEND_ADDRESS!)
    expect((await fetch(`${world.uiUrl}/healthz`)).status).toBe(200)
    const ready = await anybody("GET", "/readyz")
    expect([ready.status, ready.body.services]).toEqual([503, { backend: false, payment: true, loyalty: true }])
    expect((await fetch(world.uiUrl)).status).toBe(200)

    world.environment.OFFER_SECONDS = "1"
    await world.start("backend")
    await until(async () => (await anybody("GET", "/readyz")).status === 200)
    expect((await anybody("POST", "/api/flights/price", orderOf(tokens))).status).toBe(200)
    const short = orderOf(await offerTokens(anybody))
    const expired = await until(async () => {
      const { status, body } = await anybody("POST", "/api/flights/price", short)
      return status === 409 && body.reason
    })
    expect(expired).toBe("OFFER_EXPIRED")
  }, 30_000)
})

const fieldsOf = ({ body }: { body: { errors?: { field: string }[] } }) => (body.errors ?? []).map(({ field }) => field)

import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test"
import type { Failure } from "@airside/kernel/errors"
import { newId } from "@airside/kernel/ids"
import { until } from "@airside/kernel/testing"
import {
  CancelPaymentRequest,
  GetPaymentRequest,
  PaymentStatus,
  ProcessPaymentRequest,
} from "@airside/protos/airside/payments/v1/payments"
import {
  byMethod,
  bySavedCard,
  createPayment,
  objectsOf,
  onHostedPage,
  type PaymentWorld,
  paidPayment,
  payOnPage,
  reasonOf,
  startPaymentWorld,
} from "../../test/payment-world.ts"

let world: PaymentWorld
beforeAll(async () => {
  world = await startPaymentWorld()
})
afterAll(() => world?.stop())
afterEach(() => world.wire.mend())

const ledgerOf = (id: string) => world.sql`
  select side, account, amount_minor_units as amount
  from ledger_entries
  where payment_id = ${id}
  order by posting_id, side desc`

const refresh = (id: string) =>
  world.backend.getPayment(GetPaymentRequest.fromPartial({ paymentId: id, refresh: true })).then((it) => it.payment!)

describe("by a card", () => {
  test("a card that pays: succeeded, with brand and last four digits, and one posting in the ledger", async () => {
    const payment = await createPayment(world)
    const answer = await world.person(payment.userId).processPayment(byMethod(payment.id, "pm_card_visa"))
    expect(answer.payment).toMatchObject({ status: PaymentStatus.SUCCEEDED, cardBrand: "visa", cardLast4: "4242" })
    expect(answer.redirectUrl).toBe("")
    expect([...(await ledgerOf(payment.id))]).toEqual([
      { side: "debit", account: "stripe_balance", amount: 12_345n },
      { side: "credit", account: "customer_funds", amount: 12_345n },
    ])
  })

  test("a guest pays with the token of the booking", async () => {
    const payment = await createPayment(world, { userId: "" })
    const { payment: paid } = await world.guest(payment.bookingId).processPayment(byMethod(payment.id, "pm_card_amex"))
    expect(paid).toMatchObject({ status: PaymentStatus.SUCCEEDED, cardBrand: "amex", cardLast4: "0005" })
  })

  const declines = [
    ["pm_card_visa_chargeDeclined", "card_declined", "generic_decline"],
    ["pm_card_chargeDeclined", "card_declined", "generic_decline"],
    ["pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"],
    ["pm_card_visa_chargeDeclinedExpiredCard", "expired_card", "expired_card"],
    ["pm_card_visa_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"],
    ["pm_card_visa_chargeDeclinedProcessingError", "processing_error", "processing_error"],
    ["pm_card_chargeCustomerFail", "card_declined", "generic_decline"],
  ] as const
  test.each(declines)("%s is declined with %s, %s; another card then pays", async (method, code, decline_code) => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const request = byMethod(payment.id, method)
    const declined: Failure = await payer.processPayment(request).catch((error) => error)
    expect(declined).toMatchObject({
      code: "FAILED_PRECONDITION",
      reason: "CARD_DECLINED",
      metadata: { code, decline_code },
    })
    expect(declined.message).toMatch(/card/i)
    const again: Failure = await payer.processPayment(request).catch((error) => error)
    expect(again.metadata).toEqual(declined.metadata)
    const { payment: paid } = await payer.processPayment(byMethod(payment.id, "pm_card_mastercard"))
    expect(paid!.status).toBe(PaymentStatus.SUCCEEDED)
  })

  test("3-D Secure: the payer is sent to the bank, and has paid after saying yes there", async () => {
    const payment = await createPayment(world)
    const request = byMethod(payment.id, "pm_card_authenticationRequired", "http://shop.test/return")
    const { payment: waiting, redirectUrl } = await world.person(payment.userId).processPayment(request)
    expect(waiting!.status).toBe(PaymentStatus.REQUIRES_ACTION)
    expect(await (await fetch(redirectUrl)).text()).toContain("3-D Secure")
    expect((await refresh(payment.id)).status).toBe(PaymentStatus.REQUIRES_ACTION)
    const back = await answerBank(redirectUrl, "complete")
    expect(back.headers.get("location")).toStartWith("http://shop.test/return")
    expect((await refresh(payment.id)).status).toBe(PaymentStatus.SUCCEEDED)
  })

  test("3-D Secure that fails leaves the payment open for another card", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const request = byMethod(payment.id, "pm_card_authenticationRequired", "http://shop.test/return")
    const { redirectUrl } = await payer.processPayment(request)
    await answerBank(redirectUrl, "fail")
    expect((await refresh(payment.id)).status).toBe(PaymentStatus.OPEN)
    const { payment: paid } = await payer.processPayment(byMethod(payment.id, "pm_card_visa"))
    expect(paid!.status).toBe(PaymentStatus.SUCCEEDED)
  })

  test("a card that is declined after 3-D Secure was asked for leaves the payment open", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    await payer.processPayment(byMethod(payment.id, "pm_card_authenticationRequired", "http://shop.test/return"))
    await reasonOf(payer.processPayment(byMethod(payment.id, "pm_card_chargeDeclined")))
    const { payment: seen } = await world.backend.getPayment({ paymentId: payment.id, refresh: false })
    expect(seen!.status).toBe(PaymentStatus.OPEN)
  })

  test("a payment is paid once: the same request gets its answer again, another one PAYMENT_STATE", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const request = byMethod(payment.id, "pm_card_visa")
    await payer.processPayment(request)
    expect((await payer.processPayment(request)).payment!.status).toBe(PaymentStatus.SUCCEEDED)
    expect(await reasonOf(payer.processPayment(byMethod(payment.id, "pm_card_visa")))).toBe("PAYMENT_STATE")
    expect((await world.stripe.charges.list({ limit: 100 })).data.filter(isOf(payment.id))).toHaveLength(1)
  })

  test("the answer of the paying request is found again after Stripe's was lost and a webhook settled the payment", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const request = byMethod(payment.id, "pm_card_visa")
    world.wire.loseAnswer(/confirm$/)
    expect(await reasonOf(payer.processPayment(request))).toBe("STRIPE_UNAVAILABLE")
    expect((await refresh(payment.id)).status).toBe(PaymentStatus.SUCCEEDED)
    expect((await payer.processPayment(request)).payment!.status).toBe(PaymentStatus.SUCCEEDED)
    expect(await ledgerOf(payment.id)).toHaveLength(2)
  })

  test("a caller who hangs up does not stop a payment that has begun", async () => {
    const payment = await createPayment(world)
    const held = world.wire.hold(/confirm$/)
    const caller = new AbortController()
    const call = world
      .person(payment.userId)
      .processPayment(byMethod(payment.id, "pm_card_visa"), { signal: caller.signal })
    await held.reached
    caller.abort()
    expect(await reasonOf(call)).toBe("CANCELLED")
    held.release()
    const isPaid = async () =>
      (await world.backend.getPayment({ paymentId: payment.id, refresh: false })).payment!.status ===
      PaymentStatus.SUCCEEDED
    await until(isPaid, 5, "the payment being recorded")
  })

  test("an unknown payment method names the field; the payment stays open", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    for (const method of ["pm_unknown", "4242424242424242", ""]) {
      const error: Failure = await payer.processPayment(byMethod(payment.id, method)).catch((error) => error)
      expect(error).toMatchObject({ reason: "INVALID_REQUEST", fields: [{ field: "payment_method" }] })
    }
    expect((await refresh(payment.id)).status).toBe(PaymentStatus.OPEN)
  })

  test("another person's saved card: CARD_NOT_FOUND; one's own pays", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const { card: theirs } = await world
      .person(newId())
      .addBankCard({ requestId: newId(), paymentMethod: "pm_card_visa" })
    const { card: own } = await payer.addBankCard({ requestId: newId(), paymentMethod: "pm_card_visa" })
    world.wire.requests.length = 0
    expect(await reasonOf(payer.processPayment(bySavedCard(payment.id, theirs!.id)))).toBe("CARD_NOT_FOUND")
    expect(await reasonOf(payer.processPayment(bySavedCard(payment.id, newId())))).toBe("CARD_NOT_FOUND")
    expect(world.wire.requests.filter(({ line }) => line.endsWith("/confirm"))).toEqual([])
    const { payment: paid } = await payer.processPayment(bySavedCard(payment.id, own!.id))
    expect(paid!.status).toBe(PaymentStatus.SUCCEEDED)
  })
})

describe("on the hosted page", () => {
  test("the intent is closed, a session opens, and asking again gives the same page", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const { redirectUrl } = await payer.processPayment(onHostedPage(payment.id))
    const again = await payer.processPayment(onHostedPage(payment.id))
    expect(again.redirectUrl).toBe(redirectUrl)
    const { intents, sessions, open } = await objectsOf(world, payment.id)
    expect([intents[0]!.status, sessions.length, open.length]).toEqual(["canceled", 1, 1])
    expect(sessions[0]).toMatchObject({ amount_total: 12_345, currency: "usd", success_url: "http://shop.test/back" })
  })

  test("paying there settles by fetching, and keeps the traveller's card for them", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const { redirectUrl } = await payer.processPayment(onHostedPage(payment.id))
    expect((await payOnPage(redirectUrl)).headers.get("location")).toStartWith("http://shop.test/back")
    expect(await refresh(payment.id)).toMatchObject({ status: PaymentStatus.SUCCEEDED, cardLast4: "4242" })
    expect(await ledgerOf(payment.id)).toHaveLength(2)
    const { cards } = await payer.listBankCards({ pageSize: 0, pageToken: "" })
    expect(cards).toMatchObject([{ brand: "visa", last4: "4242" }])
    const next = await createPayment(world, { userId: payment.userId })
    const { payment: paid } = await payer.processPayment(bySavedCard(next.id, cards[0]!.id))
    expect(paid!.status).toBe(PaymentStatus.SUCCEEDED)
  })

  test("ui opens it with the payment's key, and no card is left behind; without the key nothing is found", async () => {
    const payment = await createPayment(world)
    expect(await reasonOf(world.ui.processPayment(onHostedPage(payment.id)))).toBe("PAYMENT_NOT_FOUND")
    expect(await reasonOf(world.ui.processPayment(onHostedPage(payment.id, "x".repeat(43))))).toBe("PAYMENT_NOT_FOUND")
    const { redirectUrl, payment: shown } = await world.ui.processPayment(onHostedPage(payment.id, payment.checkoutKey))
    expect(shown).toMatchObject({ clientSecret: "", checkoutKey: "" })
    await payOnPage(redirectUrl)
    expect((await refresh(payment.id)).status).toBe(PaymentStatus.SUCCEEDED)
    expect((await world.person(payment.userId).listBankCards({ pageSize: 0, pageToken: "" })).cards).toEqual([])
  })

  test("the key opens the hosted page and nothing else", async () => {
    const payment = await createPayment(world)
    expect(await reasonOf(world.ui.processPayment(byMethod(payment.id, "pm_card_visa")))).toBe("PAYMENT_NOT_FOUND")
  })

  test("a payment that was paid with a card meanwhile needs no page", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    world.wire.loseAnswer(/confirm$/)
    await reasonOf(payer.processPayment(byMethod(payment.id, "pm_card_visa")))
    const answer = await payer.processPayment(onHostedPage(payment.id))
    expect(answer.payment!.status).toBe(PaymentStatus.SUCCEEDED)
    expect(answer.redirectUrl).toBe("")
    expect((await objectsOf(world, payment.id)).sessions).toEqual([])
  })

  test("from the page back to a card: the session expires first", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const { redirectUrl } = await payer.processPayment(onHostedPage(payment.id))
    await payer.processPayment(byMethod(payment.id, "pm_card_visa"))
    expect((await payOnPage(redirectUrl)).status).toBe(410)
    const { open, paid } = await objectsOf(world, payment.id)
    expect([open.length, paid.length]).toEqual([0, 1])
  })

  test("a session that has expired is replaced by a new one", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const first = await payer.processPayment(onHostedPage(payment.id))
    await world.stripe.checkout.sessions.expire((await objectsOf(world, payment.id)).sessions[0]!.id)
    const second = await payer.processPayment(onHostedPage(payment.id))
    expect(second.redirectUrl).not.toBe(first.redirectUrl)
    expect((await objectsOf(world, payment.id)).open).toHaveLength(1)
  })

  test("a session whose answer was lost, and which expired since, is replaced", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    world.wire.loseAnswer(/POST \/v1\/checkout\/sessions$/)
    await reasonOf(payer.processPayment(onHostedPage(payment.id)))
    const [lost] = (await objectsOf(world, payment.id)).sessions
    await world.stripe.checkout.sessions.expire(lost!.id)
    await world.sql`
      update payment_transactions
      set object_open_time = now() - interval '40 minutes'
      where id = ${payment.id}`
    const { redirectUrl } = await payer.processPayment(onHostedPage(payment.id))
    expect((await fetch(redirectUrl)).status).toBe(200)
  })

  test("a session whose answer was lost is the one that the next request shows", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    world.wire.loseAnswer(/POST \/v1\/checkout\/sessions$/)
    expect(await reasonOf(payer.processPayment(onHostedPage(payment.id)))).toBe("STRIPE_UNAVAILABLE")
    const { redirectUrl } = await payer.processPayment(onHostedPage(payment.id))
    const { sessions } = await objectsOf(world, payment.id)
    expect(sessions.map((session) => session.url)).toEqual([redirectUrl])
  })
})

describe("by several at once", () => {
  test("two cards: one pays, the other is told PAYMENT_STATE, and the money is taken once", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const methods = ["pm_card_visa", "pm_card_mastercard", "pm_card_amex", "pm_card_visa"]
    const reasons = await Promise.all(
      methods.map((method) => reasonOf(payer.processPayment(byMethod(payment.id, method)))),
    )
    expect(reasons.toSorted()).toEqual(["PAYMENT_STATE", "PAYMENT_STATE", "PAYMENT_STATE", "none"])
    expect((await objectsOf(world, payment.id)).paid).toHaveLength(1)
    expect(await ledgerOf(payment.id)).toHaveLength(2)
  })

  test("twins of one request: all get its answer, and the money is taken once; the id is used up", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const request = byMethod(payment.id, "pm_card_visa")
    const answers = await Promise.all(Array.from({ length: 6 }, () => payer.processPayment(request)))
    expect(new Set(answers.map((answer) => answer.payment!.status))).toEqual(new Set([PaymentStatus.SUCCEEDED]))
    expect((await objectsOf(world, payment.id)).paid).toHaveLength(1)
    expect(await ledgerOf(payment.id)).toHaveLength(2)
    const other = { ...byMethod(payment.id, "pm_card_amex"), requestId: request.requestId }
    expect(await reasonOf(payer.processPayment(other))).toBe("REQUEST_ID_REUSED")
  })

  test("a card that is removed while it pays has paid, whatever a twin was told meanwhile", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const { card } = await payer.addBankCard({ requestId: newId(), paymentMethod: "pm_card_visa" })
    const request = bySavedCard(payment.id, card!.id)
    const isRecording = async () =>
      (await world.sql`select 1 from pg_locks where not granted and locktype in ('tuple', 'transactionid')`).length > 0
    const { paying } = await world.sql.begin(async (tx) => {
      await tx`select 1 from payment_transactions where id = ${payment.id} for update`
      const paying = payer.processPayment(request)
      await until(isRecording, 4, "the success waiting to be recorded")
      await payer.removeBankCard({ requestId: newId(), bankCardId: card!.id })
      expect(await reasonOf(payer.processPayment(request))).toBe("CARD_NOT_FOUND")
      return { paying }
    })
    const answer = await paying
    expect(answer.payment!.status).toBe(PaymentStatus.SUCCEEDED)
    expect(await payer.processPayment(request)).toEqual(answer)
  })

  test("a success that somebody else recorded, when our transaction was cut off, has its answer stored all the same", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const request = byMethod(payment.id, "pm_card_visa")
    const waitingFor = (statement: string) => world.sql<{ pid: number }[]>`
      select pid
      from pg_stat_activity
      where wait_event_type = 'Lock' and query ilike ${`%${statement}%`} and pid <> pg_backend_pid()`
    const { paying, refreshing } = await world.sql.begin(async (tx) => {
      await tx`lock table answers in share mode`
      const paying = payer.processPayment(request)
      await until(async () => (await waitingFor("into answers")).length > 0, 4, "the answer waiting to be stored")
      const refreshing = refresh(payment.id)
      await until(async () => (await waitingFor("update payment_transactions")).length > 0, 4, "the refresh waiting")
      const [stuck] = await waitingFor("into answers")
      await tx`select pg_terminate_backend(${stuck!.pid})`
      await refreshing
      return { paying, refreshing }
    })
    expect((await refreshing).status).toBe(PaymentStatus.SUCCEEDED)
    expect((await paying).payment!.status).toBe(PaymentStatus.SUCCEEDED)
    const [answer] =
      await world.sql`select response is not null as kept from answers where request_id = ${request.requestId}`
    expect(answer).toEqual({ kept: true })
    expect(await ledgerOf(payment.id)).toHaveLength(2)
  })

  test("three hosted pages are one session", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const answers = await Promise.all(Array.from({ length: 3 }, () => payer.processPayment(onHostedPage(payment.id))))
    expect(new Set(answers.map((answer) => answer.redirectUrl)).size).toBe(1)
    expect((await objectsOf(world, payment.id)).open).toHaveLength(1)
  })

  test("a card and the hosted page: never two open objects, never charged twice", async () => {
    for (let round = 0; round < 8; round++) {
      const payment = await createPayment(world)
      const payer = world.person(payment.userId)
      const requests = [byMethod(payment.id, "pm_card_visa"), onHostedPage(payment.id)]
      if (round % 2) requests.reverse()
      const reasons = await Promise.all(requests.map((request) => reasonOf(payer.processPayment(request))))
      expect(reasons).not.toContain("INTERNAL")
      const { open, paid } = await objectsOf(world, payment.id)
      expect(open.length + paid.length).toBeLessThanOrEqual(1)
      expect(await ledgerOf(payment.id)).toHaveLength(paid.length * 2)
    }
  })

  test("a card that is confirmed while the page closes its intent pays by the next one, after the page's session", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const held = world.wire.hold(/confirm$/)
    const card = payer.processPayment(byMethod(payment.id, "pm_card_visa"))
    await held.reached
    const { redirectUrl } = await payer.processPayment(onHostedPage(payment.id))
    held.release()
    expect((await card).payment!.status).toBe(PaymentStatus.SUCCEEDED)
    expect((await payOnPage(redirectUrl)).status).toBe(410)
    const { open, paid } = await objectsOf(world, payment.id)
    expect([open.length, paid.length]).toEqual([0, 1])
  })

  test("a page whose opening was overtaken leads to the page that is open now", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const held = world.wire.hold(/POST \/v1\/checkout\/sessions$/)
    const overtaken = payer.processPayment(onHostedPage(payment.id))
    await held.reached
    await reasonOf(payer.processPayment(byMethod(payment.id, "pm_card_chargeDeclined")))
    const { redirectUrl } = await payer.processPayment(onHostedPage(payment.id))
    held.release()
    expect((await overtaken).redirectUrl).toBe(redirectUrl)
  })

  test("cancelling while a card pays: either paid or cancelled, and Stripe agrees", async () => {
    for (let round = 0; round < 8; round++) {
      const payment = await createPayment(world)
      const cancel = CancelPaymentRequest.fromPartial({ requestId: newId(), paymentId: payment.id })
      const [, cancelled] = await Promise.all([
        reasonOf(world.person(payment.userId).processPayment(byMethod(payment.id, "pm_card_visa"))),
        world.backend.cancelPayment(cancel),
      ])
      const { open, paid } = await objectsOf(world, payment.id)
      expect(open).toEqual([])
      expect(cancelled.payment!.status).toBe(paid.length === 1 ? PaymentStatus.SUCCEEDED : PaymentStatus.CANCELLED)
      expect((await refresh(payment.id)).status).toBe(cancelled.payment!.status)
    }
  })

  test("a page that opens while the payment is cancelled ends closed", async () => {
    const payment = await createPayment(world)
    const held = world.wire.hold(/POST \/v1\/checkout\/sessions$/)
    const page = reasonOf(world.person(payment.userId).processPayment(onHostedPage(payment.id)))
    await held.reached
    const cancel = CancelPaymentRequest.fromPartial({ requestId: newId(), paymentId: payment.id })
    const { payment: cancelled } = await world.backend.cancelPayment(cancel)
    expect(cancelled!.status).toBe(PaymentStatus.CANCELLED)
    held.release()
    expect(await page).toBe("PAYMENT_STATE")
    expect((await objectsOf(world, payment.id)).open).toEqual([])
  })
})

describe("refused", () => {
  test("somebody else's payment is not found, for persons, staff and guests", async () => {
    const payment = await createPayment(world)
    const strangers = [world.person(newId()), world.person(newId(), true), world.guest(newId())]
    for (const stranger of strangers) {
      expect(await reasonOf(stranger.processPayment(byMethod(payment.id, "pm_card_visa")))).toBe("PAYMENT_NOT_FOUND")
      const withKey = onHostedPage(payment.id, payment.checkoutKey)
      expect(await reasonOf(stranger.processPayment(withKey))).toBe("PAYMENT_NOT_FOUND")
    }
    expect(await reasonOf(strangers[0]!.processPayment(byMethod(newId(), "pm_card_visa")))).toBe("PAYMENT_NOT_FOUND")
    expect((await refresh(payment.id)).status).toBe(PaymentStatus.OPEN)
  })

  test("a cancelled payment cannot be paid", async () => {
    const payment = await createPayment(world)
    await world.backend.cancelPayment(CancelPaymentRequest.fromPartial({ requestId: newId(), paymentId: payment.id }))
    const payer = world.person(payment.userId)
    expect(await reasonOf(payer.processPayment(byMethod(payment.id, "pm_card_visa")))).toBe("PAYMENT_STATE")
    expect(await reasonOf(payer.processPayment(onHostedPage(payment.id)))).toBe("PAYMENT_STATE")
  })

  test("a request id is not used for two requests", async () => {
    const payment = await paidPayment(world)
    const payer = world.person(payment.userId)
    const request = { ...byMethod(payment.id, "pm_card_visa"), requestId: newId() }
    await reasonOf(payer.processPayment(request))
    const other = { ...onHostedPage(payment.id), requestId: request.requestId }
    expect(await reasonOf(payer.processPayment(other))).toBe("REQUEST_ID_REUSED")
  })

  test("no way to pay, or URLs that are none", async () => {
    const payment = await createPayment(world)
    const payer = world.person(payment.userId)
    const nothing = ProcessPaymentRequest.fromPartial({ requestId: newId(), paymentId: payment.id })
    expect(await payer.processPayment(nothing).catch((error) => error.fields)).toMatchObject([{ field: "method" }])
    const page = onHostedPage(payment.id)
    if (page.method?.$case === "hostedPage") page.method.value.successUrl = "javascript:alert(1)"
    expect(await payer.processPayment(page).catch((error) => error.fields)).toMatchObject([
      { field: "hosted_page.success_url" },
    ])
  })
})

function answerBank(url: string, outcome: "complete" | "fail"): Promise<Response> {
  return fetch(url, { method: "POST", body: new URLSearchParams({ outcome }), redirect: "manual" })
}

const isOf = (paymentId: string) => (charge: { metadata: Record<string, string> }) =>
  charge.metadata.payment_id === paymentId

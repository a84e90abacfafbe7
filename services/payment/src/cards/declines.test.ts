import { expect, test } from "bun:test"
import { ADVICE, adviceFor, cardDeclined } from "./declines.ts"

/** Every decline code of https://docs.stripe.com/declines/codes. */
const DECLINE_CODES = `authentication_not_handled authentication_required approve_with_id call_issuer
  card_not_supported card_velocity_exceeded currency_not_supported do_not_honor do_not_try_again duplicate_transaction
  expired_card fraudulent generic_decline incorrect_address incorrect_cvc incorrect_number incorrect_pin incorrect_zip
  insufficient_funds invalid_account invalid_amount invalid_cvc invalid_expiry_month invalid_expiry_year invalid_number
  invalid_pin issuer_not_available lost_card merchant_blacklist mobile_device_authentication_required
  new_account_information_available no_action_taken not_permitted offline_pin_required online_or_offline_pin_required
  pickup_card pin_try_exceeded processing_error reenter_transaction restricted_card revocation_of_all_authorizations
  revocation_of_authorization security_violation service_not_allowed stolen_card stop_payment_order test_mode_decline
  testmode_decline transaction_not_allowed try_again_later withdrawal_count_limit_exceeded`.split(/\s+/)

test.each(DECLINE_CODES)("%s has a sentence that says what to do, without Stripe's words", (code) => {
  const advice = ADVICE[code]
  expect(advice).toMatch(/\b(try|check|ask|use|look)\b/i)
  expect(advice).not.toMatch(/_|stripe/i)
})

test("nobody learns from us that a card is lost, stolen or suspected", () => {
  for (const code of ["lost_card", "stolen_card", "fraudulent", "pickup_card", "merchant_blacklist"]) {
    expect(adviceFor("card_declined", code)).toBe(adviceFor("card_declined", "generic_decline"))
  }
})

test("a code that nobody has heard of, or that is a word of the language, reads like any decline", () => {
  for (const code of ["code_of_next_year", "", "constructor", "toString"]) {
    expect(adviceFor(code, code)).toBe(adviceFor("card_declined", "generic_decline"))
  }
  expect(adviceFor("expired_card", "code_of_next_year")).toBe(ADVICE.expired_card!)
})

test("a decline carries both codes for programs", () => {
  expect(cardDeclined("card_declined", "insufficient_funds")).toMatchObject({
    code: "FAILED_PRECONDITION",
    reason: "CARD_DECLINED",
    message: ADVICE.insufficient_funds,
    metadata: { code: "card_declined", decline_code: "insufficient_funds" },
  })
})

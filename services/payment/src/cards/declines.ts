import { Failure } from "@airside/kernel/errors"

const ANOTHER_CARD = "The bank declined this card. Try another card."
const ASK_BANK = "The bank declined this card without saying why. Ask your bank, or try another card."
const IN_A_MINUTE = "The bank could not process this card just now. Try again in a minute, or try another card."
const NOT_THIS_KIND = "This card cannot be used for this kind of purchase. Try another card."
const LIMIT_REACHED = "This card's limit is reached. Try another card, or ask your bank."
const NUMBER_WRONG = "The card's number is wrong. Check it and try again."
const CODE_WRONG = "The card's security code is wrong. Check it and try again."
const EXPIRY_WRONG = "The card's expiry date is wrong. Check it and try again."
const ADDRESS_WRONG = "The postal code does not belong to this card. Check it and try again."
const PIN_WRONG = "The PIN is wrong. Try again, or try another card."
const BANK_WANTS_YOU = "The bank wants to make sure that it is you. Try again, or try another card."
const TEST_CARD = "This is not a card of this mode: payments are being tested here. Use a test card."

/**
 * What a traveller can do about a decline, by every code that Stripe documents. Why a card is lost, stolen or suspected
 * stays the bank's: those read like any other decline. https://docs.stripe.com/declines/codes
 */
export const ADVICE: Record<string, string> = {
  approve_with_id: IN_A_MINUTE,
  authentication_not_handled: BANK_WANTS_YOU,
  authentication_required: BANK_WANTS_YOU,
  call_issuer: ASK_BANK,
  card_decline_rate_limit_exceeded: "This card was tried too often. Try another card, or this one again tomorrow.",
  card_declined: ANOTHER_CARD,
  card_not_supported: NOT_THIS_KIND,
  card_velocity_exceeded: LIMIT_REACHED,
  currency_not_supported: "This card cannot pay in this currency. Try another card.",
  do_not_honor: ASK_BANK,
  do_not_try_again: ASK_BANK,
  duplicate_transaction: "The same amount was paid by this card just now. Look at your bookings before you try again.",
  expired_card: "This card has expired. Try another card.",
  fraudulent: ANOTHER_CARD,
  generic_decline: ANOTHER_CARD,
  incorrect_address: ADDRESS_WRONG,
  incorrect_cvc: CODE_WRONG,
  incorrect_number: NUMBER_WRONG,
  incorrect_pin: PIN_WRONG,
  incorrect_zip: ADDRESS_WRONG,
  insufficient_funds: "There is not enough money on this card. Try another card.",
  invalid_account: "The account behind this card cannot be used. Ask your bank, or try another card.",
  invalid_amount: "The bank does not allow this amount on this card. Ask your bank, or try another card.",
  invalid_cvc: CODE_WRONG,
  invalid_expiry_month: EXPIRY_WRONG,
  invalid_expiry_year: EXPIRY_WRONG,
  invalid_number: NUMBER_WRONG,
  invalid_pin: PIN_WRONG,
  issuer_not_available: IN_A_MINUTE,
  lost_card: ANOTHER_CARD,
  merchant_blacklist: ANOTHER_CARD,
  mobile_device_authentication_required: BANK_WANTS_YOU,
  new_account_information_available: ASK_BANK,
  no_action_taken: ASK_BANK,
  not_permitted: NOT_THIS_KIND,
  offline_pin_required: "This card wants its PIN. Try another card.",
  online_or_offline_pin_required: "This card wants its PIN. Try another card.",
  payment_intent_authentication_failure: BANK_WANTS_YOU,
  pickup_card: ANOTHER_CARD,
  pin_try_exceeded: "The PIN was wrong too often. Try another card.",
  processing_error: IN_A_MINUTE,
  reenter_transaction: IN_A_MINUTE,
  restricted_card: ANOTHER_CARD,
  revocation_of_all_authorizations: ASK_BANK,
  revocation_of_authorization: ASK_BANK,
  security_violation: ASK_BANK,
  service_not_allowed: NOT_THIS_KIND,
  stolen_card: ANOTHER_CARD,
  stop_payment_order: ASK_BANK,
  test_mode_decline: TEST_CARD,
  test_mode_live_card: TEST_CARD,
  testmode_decline: TEST_CARD,
  transaction_not_allowed: NOT_THIS_KIND,
  try_again_later: IN_A_MINUTE,
  withdrawal_count_limit_exceeded: LIMIT_REACHED,
}

/** The sentence for a decline; for codes that nobody has heard of as well. */
export function adviceFor(code: string, declineCode: string): string {
  return own(declineCode) ?? own(code) ?? ANOTHER_CARD
}

const own = (code: string) => (Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined)

/** CARD_DECLINED, metadata: code and decline_code as Stripe gives them. */
export function cardDeclined(code: string, declineCode: string): Failure {
  return new Failure("FAILED_PRECONDITION", "CARD_DECLINED", adviceFor(code, declineCode), {
    metadata: { code, decline_code: declineCode },
  })
}

import { failuresOf } from "@airside/kernel/errors"

/** Every reason that loyalty answers with, beside the kernel's INVALID_REQUEST and those of stored answers. */
export const failures = failuresOf({
  USER_NOT_FOUND: ["NOT_FOUND", "There is no such loyalty account."],
  NOT_ENOUGH_POINTS: ["FAILED_PRECONDITION", "The balance has fewer points than that."],
  TRANSACTION_REVERSED: ["FAILED_PRECONDITION", "This transaction was reversed already; it cannot be carried out."],
  TRANSACTION_DIFFERS: ["ALREADY_EXISTS", "This transaction_id was used with other facts; make a new one."],
  TRANSACTION_NOT_REVERSIBLE: ["FAILED_PRECONDITION", "Only points that were earned or redeemed can be reversed."],
  TIERS_MISSING: ["FAILED_PRECONDITION", "There are no loyalty tiers yet; run: bun run seed:loyalty"],
})

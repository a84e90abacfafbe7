import { Failure } from "./errors.ts"
import type { Caller } from "./identity.ts"

/** `person` is anybody logged in, staff included; `guest` holds the access token of one booking. */
type Allowed = "public" | "person" | "guest" | "staff" | "backend" | "ui"

const OWNER = ["person", "guest"] as const

/**
 * Who may call what. What is not named here is refused. That a person or guest sees only what is theirs is decided
 * by each operation's SQL, where somebody else's row is simply not found.
 */
export const ALLOW: Record<string, readonly Allowed[]> = {
  "/grpc.health.v1.Health/Check": ["public"],
  "/grpc.health.v1.Health/List": ["public"],
  "/grpc.health.v1.Health/Watch": ["public"],
  "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": ["public"],
  "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": ["public"],

  "/airside.accounts.v1.AccountService/Register": ["public"],
  "/airside.accounts.v1.AccountService/LogIn": ["public"],
  "/airside.accounts.v1.AccountService/Authenticate": ["public"],
  "/airside.accounts.v1.AccountService/LogOut": OWNER,
  "/airside.accounts.v1.AccountService/GetAccount": ["person"],
  "/airside.accounts.v1.AccountService/UpdateAccount": ["person"],
  "/airside.accounts.v1.AccountService/ChangePassword": ["person"],
  "/airside.accounts.v1.AccountService/ListSessions": ["person"],
  "/airside.accounts.v1.AccountService/RevokeSession": ["person"],

  "/airside.flights.v1.FlightService/SearchPlaces": ["public"],
  "/airside.flights.v1.FlightService/GetPlace": ["public"],
  "/airside.flights.v1.FlightService/SearchFlights": ["public"],
  "/airside.flights.v1.FlightService/BatchSearchFlights": ["public"],
  "/airside.flights.v1.FlightService/ListFareBrands": ["public"],
  "/airside.flights.v1.FlightService/GetFareCalendar": ["public"],
  "/airside.flights.v1.FlightService/GetFareGrid": ["public"],
  "/airside.flights.v1.FlightService/WatchDepartures": ["ui", "staff"],
  "/airside.flights.v1.FlightService/GetSeatMap": ["public"],

  "/airside.bookings.v1.BookingService/PriceBooking": ["public"],
  "/airside.bookings.v1.BookingService/HoldBooking": ["public"],
  "/airside.bookings.v1.BookingService/FindBooking": ["public"],
  "/airside.bookings.v1.BookingService/GetBooking": OWNER,
  "/airside.bookings.v1.BookingService/ListBookings": OWNER,
  "/airside.bookings.v1.BookingService/ChooseSeats": OWNER,
  "/airside.bookings.v1.BookingService/StartCheckout": OWNER,
  "/airside.bookings.v1.BookingService/SettleBooking": ["person", "guest", "ui"],
  "/airside.bookings.v1.BookingService/QuoteCancellation": OWNER,
  "/airside.bookings.v1.BookingService/CancelBooking": OWNER,

  "/airside.payments.v1.PaymentService/CreatePayment": ["backend"],
  "/airside.payments.v1.PaymentService/CancelPayment": ["backend"],
  "/airside.payments.v1.PaymentService/RefundPayment": ["backend"],
  "/airside.payments.v1.PaymentService/RetryRefund": ["staff"],
  "/airside.payments.v1.PaymentService/ProcessPayment": ["person", "guest", "ui"],
  "/airside.payments.v1.PaymentService/GetPayment": ["person", "guest", "backend"],
  "/airside.payments.v1.PaymentService/ListPayments": OWNER,
  "/airside.payments.v1.PaymentService/ListMoneyEvents": OWNER,
  "/airside.payments.v1.PaymentService/ListMoneyAlerts": ["staff"],
  "/airside.payments.v1.PaymentService/RecordWebhook": ["ui"],
  "/airside.payments.v1.PaymentService/ListBankCards": ["person"],
  "/airside.payments.v1.PaymentService/AddBankCard": ["person"],
  "/airside.payments.v1.PaymentService/SetDefaultBankCard": ["person"],
  "/airside.payments.v1.PaymentService/RemoveBankCard": ["person"],

  "/airside.repairs.v1.BookingRepairService/ListStuckBookings": ["staff"],
  "/airside.repairs.v1.BookingRepairService/RetryBooking": ["staff"],
  "/airside.repairs.v1.BookingRepairService/ListBookingRepairs": ["staff"],
  "/airside.repairs.v1.PaymentRepairService/ListUnmatchedEvents": ["staff"],
  "/airside.repairs.v1.PaymentRepairService/MatchEvent": ["staff"],
  "/airside.repairs.v1.PaymentRepairService/ListDifferences": ["staff", "backend"],
  "/airside.repairs.v1.PaymentRepairService/ListPaymentRepairs": ["staff"],

  "/airside.loyalty.v1.LoyaltyService/ListTiers": ["public"],
  "/airside.loyalty.v1.LoyaltyService/GetAccount": ["person", "backend"],
  "/airside.loyalty.v1.LoyaltyService/ListTransactions": ["person"],
  "/airside.loyalty.v1.LoyaltyService/EarnPoints": ["backend", "staff"],
  "/airside.loyalty.v1.LoyaltyService/RedeemPoints": ["backend"],
  "/airside.loyalty.v1.LoyaltyService/ReversePoints": ["backend"],
}

/** Throws UNAUTHENTICATED for somebody unknown and PERMISSION_DENIED for somebody known who may not call the method. */
export function requireAllowed(method: string, caller: Caller) {
  const allowed = ALLOW[method] ?? []
  if (allowed.some((who) => matches(who, caller))) return
  if (caller.kind === "anonymous") throw new Failure("UNAUTHENTICATED", "LOG_IN_REQUIRED", "Log in first.")
  throw new Failure("PERMISSION_DENIED", "NOT_ALLOWED", "You may not do this.")
}

function matches(who: Allowed, caller: Caller): boolean {
  switch (who) {
    case "public":
      return true
    case "person":
      return caller.kind === "person"
    case "guest":
      return caller.kind === "guest"
    case "staff":
      return caller.kind === "person" && caller.staff
    case "backend":
    case "ui":
      return caller.kind === "service" && caller.name === who
  }
}

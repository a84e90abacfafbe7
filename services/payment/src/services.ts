import { service } from "@airside/kernel/rpc-server"
import { PaymentServiceService } from "@airside/protos/airside/payments/v1/payments"
import { addBankCard } from "./cards/add-bank-card.ts"
import { listBankCards } from "./cards/list-bank-cards.ts"
import { removeBankCard } from "./cards/remove-bank-card.ts"
import type { Context } from "./context.ts"
import { cancelPayment } from "./payments/cancel-payment.ts"
import { createPayment } from "./payments/create-payment.ts"
import { getPayment } from "./payments/get-payment.ts"
import { listPayments } from "./payments/list-payments.ts"
import { processPayment } from "./payments/process-payment.ts"
import { refundPayment } from "./payments/refund-payment.ts"
import { recordWebhook } from "./webhooks/record-webhook.ts"

/** Every RPC of this service and the operation that answers it. */
export const services = [
  service<typeof PaymentServiceService, Context>(PaymentServiceService, {
    createPayment,
    processPayment,
    cancelPayment,
    refundPayment,
    getPayment,
    listPayments,
    recordWebhook,
    listBankCards,
    addBankCard,
    removeBankCard,
  }),
]

-- AlterTable
ALTER TABLE "assets" ADD COLUMN     "wallet_max" BIGINT;

-- CreateTable
CREATE TABLE "flow_caps" (
    "role" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "asset" TEXT NOT NULL,
    "amount_per_day" BIGINT NOT NULL,

    CONSTRAINT "flow_caps_pkey" PRIMARY KEY ("role","side","asset")
);

-- CreateTable
CREATE TABLE "flow_days" (
    "role" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "asset" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "amount" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "flow_days_pkey" PRIMARY KEY ("role","side","asset","day")
);

ALTER TABLE "assets" ADD CONSTRAINT "assets_wallet_max" CHECK (wallet_max >= 0);
ALTER TABLE "flow_caps"
  ADD CONSTRAINT "flow_caps_side" CHECK (side IN ('source', 'sink')),
  ADD CONSTRAINT "flow_caps_amount" CHECK (amount_per_day >= 0);
ALTER TABLE "flow_days" ADD CONSTRAINT "flow_days_amount" CHECK (amount >= 0);

//! Knows the names of ACTUS's data dictionary, so that a misspelt term differs from one not supported.

/// Lists the terms of the dictionary, and the spellings of it that the reference cases use.
const TERMS: &[&str] = &[
    "accruedFees",
    "accruedInterest",
    "amortizationDate",
    "arrayCycleAnchorDateOfInterestPayment",
    "arrayCycleAnchorDateOfPrincipalRedemption",
    "arrayCycleAnchorDateOfRateReset",
    "arrayCycleOfInterestPayment",
    "arrayCycleOfPrincipalRedemption",
    "arrayCycleOfRateReset",
    "arrayFixedVariable",
    "arrayIncreaseDecrease",
    "arrayNextPrincipalRedemptionPayment",
    "arrayRate",
    "barrierStatus",
    "boundaryCrossedFlag",
    "boundaryDirection",
    "boundaryEffect",
    "boundaryLegInitiallyActive",
    "boundaryMonitoringAnchorDate",
    "boundaryMonitoringCycle",
    "boundaryMonitoringEndDate",
    "boundaryValue",
    "businessDayConvention",
    "calendar",
    "capitalizationEndDate",
    "clearingHouse",
    "contractDealDate",
    "contractID",
    "contractPerformance",
    "contractRole",
    "contractStructure",
    "contractType",
    "counterpartyID",
    "coverageOfCreditEnhancement",
    "creatorID",
    "creditEventTypeCovered",
    "creditLineAmount",
    "currency",
    "currency2",
    "cycleAnchorDateOfDividend",
    "cycleAnchorDateOfDividendPayment",
    "cycleAnchorDateOfFee",
    "cycleAnchorDateOfInterestCalculationBase",
    "cycleAnchorDateOfInterestPayment",
    "cycleAnchorDateOfMargining",
    "cycleAnchorDateOfOptionality",
    "cycleAnchorDateOfPrincipalRedemption",
    "cycleAnchorDateOfRateReset",
    "cycleAnchorDateOfScalingIndex",
    "cycleOfDividend",
    "cycleOfDividendPayment",
    "cycleOfFee",
    "cycleOfInterestCalculationBase",
    "cycleOfInterestPayment",
    "cycleOfMargining",
    "cycleOfOptionality",
    "cycleOfPrincipalRedemption",
    "cycleOfRateReset",
    "cycleOfScalingIndex",
    "cyclePointOfInterestPayment",
    "cyclePointOfRateReset",
    "dayCountConvention",
    "delinquencyPeriod",
    "delinquencyRate",
    "deliverySettlement",
    "endOfMonthConvention",
    "exDividendDate",
    "exerciseAmount",
    "exerciseDate",
    "feeAccrued",
    "feeBasis",
    "feeRate",
    "fixingDays",
    "fixingPeriod",
    "futuresPrice",
    "gracePeriod",
    "guaranteedExposure",
    "initialExchangeDate",
    "initialMargin",
    "interestCalculationBase",
    "interestCalculationBaseAmount",
    "interestScalingMultiplier",
    "lifeCap",
    "lifeFloor",
    "maintenanceMarginLowerBound",
    "maintenanceMarginUpperBound",
    "marketObjectCode",
    "marketObjectCodeOfDividends",
    "marketObjectCodeOfRateReset",
    "marketObjectCodeOfScalingIndex",
    "marketValueObserved",
    "maturityDate",
    "maximumPenaltyFreeDisbursement",
    "nextDischargeDate",
    "nextDividendPaymentAmount",
    "nextPrincipalRedemptionPayment",
    "nextResetRate",
    "nominalInterestRate",
    "nominalInterestRate2",
    "nonPerformingDate",
    "notionalPrincipal",
    "notionalPrincipal2",
    "notionalScalingMultiplier",
    "objectCodeOfPrepaymentModel",
    "optionExecutionType",
    "optionExerciseEndDate",
    "optionExerciseType",
    "optionStrike1",
    "optionStrike2",
    "optionType",
    "penaltyRate",
    "penaltyType",
    "periodCap",
    "periodFloor",
    "premiumDiscountAtIED",
    "prepaymentEffect",
    "prepaymentPeriod",
    "priceAtPurchaseDate",
    "priceAtTerminationDate",
    "purchaseDate",
    "quantity",
    "rateMultiplier",
    "rateSpread",
    "scalingEffect",
    "scalingIndexAtContractDealDate",
    "scalingIndexAtStatusDate",
    "seniority",
    "settlementCurrency",
    "settlementPeriod",
    "statusDate",
    "terminationDate",
    "unit",
    "variationMargin",
    "xDayNotice",
];

/// Is true when `name` is a term of the dictionary.
pub(crate) fn knows(name: &str) -> bool {
    TERMS.contains(&name)
}

/// Finds the term that a misspelt name most likely means: the nearest within a third of its length.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let ranked = TERMS.iter().map(|term| (distance(name, term), *term));
    ranked.min().filter(|(far, _)| *far * 3 <= name.chars().count()).map(|(_, term)| term)
}

/// Counts insertions, deletions and replacements between two names.
fn distance(a: &str, b: &str) -> usize {
    let width = b.chars().count();
    let mut row: Vec<usize> = (0..=width).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((y, above_left), above) in b.chars().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or(i + 1);
            let replace = above_left + usize::from(x != y);
            next.push(replace.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_terms_and_guesses_misspelt_ones() {
        assert!(knows("nominalInterestRate"));
        assert_eq!(nearest("nominalIntrestRate"), Some("nominalInterestRate"));
        assert_eq!(nearest("maturitydate"), Some("maturityDate"));
        assert_eq!(nearest("foo"), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}

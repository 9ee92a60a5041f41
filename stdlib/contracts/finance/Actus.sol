// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @notice Event types of the ACTUS standard, in the order in which events of one instant are processed.
/// The codes are part of the templates' events and never change; new types are added at the end.
enum ActusEvent {
    None, // 0
    IED, // 1 initial exchange
    PR, // 2 principal redemption
    PI, // 3 principal increase
    PP, // 4 principal prepayment
    PY, // 5 penalty
    IP, // 6 interest payment
    IPFX, // 7 fixed leg's interest
    IPFL, // 8 floating leg's interest
    IPCI, // 9 interest capitalisation
    FP, // 10 fee
    DV, // 11 dividend
    MR, // 12 margin call
    RRF, // 13 rate reset to a known rate
    RR, // 14 rate reset to an observed rate
    PRF, // 15 redemption amount fixing
    SC, // 16 scaling index revision
    IPCB, // 17 interest calculation base fixing
    PRD, // 18 purchase
    TD, // 19 termination
    MD, // 20 maturity
    XD, // 21 exercise
    STD, // 22 settlement
    CE // 23 credit event
}

/// @notice Whose view the signs take: real position asset (lender) or liability (borrower).
enum ContractRole {
    RPA,
    RPL
}

/// @notice Whether a fee is an amount (A) or a yearly rate on the notional (N).
enum FeeBasis {
    A,
    N
}

/// @notice The next event of a contract: what, when it happens, for which unshifted date it is calculated, what it
/// pays (18 decimals, the role's sign), and whether the parties take part (not before a purchase).
struct ActusDue {
    ActusEvent kind;
    uint64 time;
    uint64 scheduled;
    int256 payoff;
    bool reported;
}

/// @title IActusEngine
/// @notice The arithmetic of one contract: its schedule, payoffs and state. It holds no money and is stepped by the
/// contract that created it.
interface IActusEngine {
    /// @notice Checks the terms and sets the state at the status date; once, before anything else.
    /// @return sign 1 when the signs are the lender's, -1 when they are the borrower's.
    /// @return principal The principal without sign.
    /// @return outstanding Whether the contract runs already at its status date and no purchase is to come.
    function start() external returns (int256 sign, uint256 principal, bool outstanding);

    /// @notice Returns the next event; its kind is None when the contract is finished.
    function next() external view returns (ActusDue memory);

    /// @notice Works off the next event.
    /// @param observed The value that a fixing (RR, SC) takes; unused otherwise.
    /// @return notional The state after it, 18 decimals, the role's signs.
    function step(int256 observed) external returns (int256 notional, int256 rate, int256 accrued);

    /// @notice Passes over the next event, which must be a fixing.
    function skip() external;

    /// @notice Returns the state after the last event.
    function current() external view returns (int256 notional, int256 rate, int256 accrued);
}

/// @title IMarketObserver
/// @notice Supplies the rates and indices that contracts are fixed to. Values have 18 decimals.
interface IMarketObserver {
    /// @notice Returns the value of `object` observed at `t`, or the last one before. Reverts when there is none.
    function valueAt(bytes32 object, uint64 t) external view returns (int256 value);
}

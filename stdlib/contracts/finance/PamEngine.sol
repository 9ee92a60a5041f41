// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/finance/Actus.sol";
import "fusor/finance/PAM.sol";

/// @title PamEngine
/// @notice Holds the terms, state and progress of one ACTUS principal-at-maturity contract.
contract PamEngine is IActusEngine {
    /// @notice Only the contract that created the engine may step it.
    error NotOwner(address caller);
    /// @notice The engine runs already.
    error AlreadyStarted();
    /// @notice There is no event left, or not one that may be passed over.
    error NothingDue();

    /// @notice The contract that created the engine.
    address public immutable owner;

    PamTerms internal terms;
    PamState internal state;
    PamProgress internal progress;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    /// @dev The terms are checked by `start`, so that the schedule's code stands in the contract once.
    constructor(PamTerms memory t) {
        owner = msg.sender;
        terms = t;
    }

    /// @inheritdoc IActusEngine
    function start() external onlyOwner returns (int256 sign, uint256 principal, bool outstanding) {
        if (state.statusDate != 0) revert AlreadyStarted();
        PamTerms memory t = PAM.complete(_terms());
        (terms.interestAnchor, terms.resetAnchor) = (t.interestAnchor, t.resetAnchor);
        (terms.feeAnchor, terms.scalingAnchor) = (t.feeAnchor, t.scalingAnchor);
        PamProgress memory p = PAM.initialProgress(t);
        _save(PAM.initialState(t), p);
        return (PAM.signOf(t.role), uint256(t.notionalPrincipal), p.exchanged && p.purchased);
    }

    /// @inheritdoc IActusEngine
    function next() external view returns (ActusDue memory due) {
        (PamTerms memory t, PamProgress memory p, PamEvent memory e) = _next();
        due = ActusDue(e.kind, e.time, e.scheduled, 0, p.purchased || e.kind == ActusEvent.PRD);
        due.payoff = PAM.payoff(t, state, e);
    }

    /// @inheritdoc IActusEngine
    function step(int256 observed) external onlyOwner returns (int256 notional, int256 rate, int256 accrued) {
        (PamTerms memory t, PamProgress memory p, PamEvent memory e) = _next();
        if (e.kind == ActusEvent.None) revert NothingDue();
        PamState memory s = PAM.transition(t, state, e, observed);
        _save(s, PAM.advance(t, p, e));
        return (s.notional, s.rate, s.accrued);
    }

    /// @inheritdoc IActusEngine
    function skip() external onlyOwner {
        (PamTerms memory t, PamProgress memory p, PamEvent memory e) = _next();
        if (!PAM.isFixing(e.kind)) revert NothingDue();
        _save(state, PAM.advance(t, p, e));
    }

    /// @inheritdoc IActusEngine
    function current() external view returns (int256 notional, int256 rate, int256 accrued) {
        return (state.notional, state.rate, state.accrued);
    }

    function _terms() private view returns (PamTerms memory) {
        return terms;
    }

    function _next() private view returns (PamTerms memory t, PamProgress memory p, PamEvent memory e) {
        t = _terms();
        p = progress;
        e = PAM.next(t, p);
    }

    function _save(PamState memory s, PamProgress memory p) private {
        state = s;
        progress = p;
    }
}

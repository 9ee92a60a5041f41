// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import "fusor/Assets.sol";
import "fusor/Usufruct.sol";
import "fusor/finance/Actus.sol";
import "fusor/math/Fixed.sol";

/// @notice Who and what a bond binds, beside its terms.
/// @param issuer Pays what is due, receives the price.
/// @param holder Receives all units at release when the bond is already outstanding then; unused otherwise.
/// @param observer Supplies rates and indices; may be 0 when no term needs one.
/// @param rateObject What resets are fixed to (ACTUS marketObjectCodeOfRateReset).
/// @param indexObject What scaling is fixed to (ACTUS marketObjectCodeOfScalingIndex).
/// @param cash The asset in which everything is paid; 0 is the native coin.
/// @param gracePeriod Seconds for which a payment may be late before the bond is in default.
struct BondParties {
    address issuer;
    address holder;
    address observer;
    bytes32 rateObject;
    bytes32 indexObject;
    AssetId cash;
    uint64 gracePeriod;
}

/// @title BondCore
/// @notice The money side of a bond: subscription, issue, coupons, fees, redemption, default. An engine of its own
/// computes schedule and payoffs; a derived contract's description starts `processEvents` when `nextEventTime()` comes.
/// @dev Cash lies in this contract before it is due: subscriptions until the issue, the issuer's deposits until they
/// are paid out. Units are this contract's asset `UNIT`, as many as the notional has smallest parts.
///
/// Record rule: a payment goes to the accounts on the register at the moment it runs, which is before all users'
/// transactions of its block. Interest and fees follow the right of use (usufruct), principal follows ownership. What
/// falls to units of accounts that have not enrolled is set aside for them, and the issuer as paying agent hands it out.
contract BondCore {
    /// @notice Where the bond stands.
    enum Status {
        Offered,
        Active,
        Late,
        Redeemed,
        Defaulted,
        Withdrawn
    }

    /// @notice What a subscriber has asked for and paid in.
    struct Subscription {
        uint256 units;
        uint256 cash;
    }

    /// @notice An event has been worked off. Amounts have 18 decimals; signs are the contract role's.
    /// @param eventType Code of `ActusEvent`.
    /// @param date When it was due.
    /// @param payoff The cash flow; the state after it follows.
    event Payment(uint8 eventType, uint64 date, int256 payoff, int256 notional, int256 rate, int256 accrued);
    /// @notice Cash moved to a holder.
    event PaidOut(address indexed holder, uint256 amount);
    /// @notice A payment could not be made; it is tried again until the grace period ends.
    event Missed(uint8 eventType, uint64 date, uint256 due);
    /// @notice The grace period ended; what the issuer had deposited went to the holders.
    event Defaulted(uint64 date, uint256 due, uint256 recovered);
    /// @notice No value was to be had for a fixing during the grace period; the old one stays.
    event FixingSkipped(uint8 eventType, uint64 date);
    /// @notice The subscription did not cover the issue; everybody was refunded.
    event IssueWithdrawn(uint256 subscribed, uint256 units);
    /// @notice An account came onto or left the register.
    event Registered(address indexed holder, bool enrolled);

    error NotIssuer(address caller);
    error WrongStatus(Status status);
    error RegisterFull();
    error HoldsTooLittle(address account);
    error StillHolds(address account);
    error NothingReceived();
    error TooManyUnits(uint256 units);
    error TooMuch(uint256 amount);

    /// @notice The sub id of the bond's units.
    uint256 public constant UNIT = 1;
    /// @notice Most accounts on the register, so that a payment's work is bounded.
    uint256 public constant MAX_HOLDERS = 32;
    /// @notice An account enrols with at least this fraction of all units, so that all who qualify find room.
    uint256 public constant MIN_FRACTION = 32;
    /// @notice Seconds between tries of a late payment or fixing.
    uint64 public constant RETRY = 1 days;
    /// @notice Gas that an event takes at most: for itself, and for each account on the register.
    uint256 internal constant EVENT_GAS = 300_000;
    uint256 internal constant HOLDER_GAS = 80_000;

    /// @notice The schedule and payoffs.
    IActusEngine public immutable engine;
    /// @notice How many units the whole bond has: one for each smallest part of the principal.
    uint256 public immutable unitsTotal;
    int256 internal immutable sign;

    BondParties internal parties;

    /// @notice Where the bond stands.
    Status public status;
    /// @notice When a late payment or fixing was first tried; 0 when nothing is late.
    uint64 public lateSince;
    /// @notice When a late payment or fixing is tried next.
    uint64 internal retryAt;
    /// @notice Cash that the issuer has deposited, in the cash asset's smallest units.
    uint256 public deposits;
    /// @notice Cash set aside for units whose holders have not enrolled.
    uint256 public unclaimed;
    /// @notice Negative interest still to be netted against payments to the holders (never positive), 18 decimals.
    int256 public carried;
    /// @notice Units asked for before the issue.
    uint256 public subscribed;
    /// @notice What each account has asked for and paid in.
    mapping(address => Subscription) public subscriptions;

    address[] internal register;
    mapping(address => uint256) internal placeOf;

    modifier onlyIssuer() {
        if (msg.sender != parties.issuer) revert NotIssuer(msg.sender);
        _;
    }

    /// @param engine_ Made by the derived contract for this bond alone.
    /// @param p Issuer, observer, cash and grace period.
    constructor(IActusEngine engine_, BondParties memory p) payable {
        engine = engine_;
        parties = p;
        (int256 sign_, uint256 total, bool outstanding_) = engine_.start();
        sign = sign_;
        unitsTotal = total;
        if (outstanding_) {
            status = Status.Active;
            Assets.mint(UNIT, p.holder, total);
            _enrol(p.holder);
        }
    }

    // ---- What anyone may ask

    /// @notice Returns when something is to be done next; 0 when nothing ever is. Always in the future.
    function nextEventTime() public view returns (uint64 time) {
        if (status > Status.Late) return 0;
        time = lateSince == 0 ? engine.next().time : retryAt;
        if (time <= block.timestamp) time = uint64(block.timestamp) + 1;
    }

    /// @notice Returns the asset of the bond's units.
    function units() public view returns (AssetId) {
        return Assets.idOf(address(this), UNIT);
    }

    /// @notice Returns the accounts that are paid.
    function holders() external view returns (address[] memory) {
        return register;
    }

    /// @notice Returns what is still owed of the principal, 18 decimals, without sign.
    function outstanding() external view returns (uint256) {
        (int256 notional,,) = engine.current();
        return Fixed.abs(notional);
    }

    // ---- Subscription and register

    /// @notice Asks for `amount` units and pays in the cash that came with the call. May be called again to top up.
    /// At the issue each pays his share of the price and gets the rest back.
    function subscribe(uint256 amount) external payable {
        if (status != Status.Offered) revert WrongStatus(status);
        Subscription storage mine = subscriptions[msg.sender];
        mine.units += amount;
        mine.cash += _received();
        subscribed += amount;
        if (subscribed > unitsTotal) revert TooManyUnits(subscribed);
        if (mine.units < unitsTotal / MIN_FRACTION) revert HoldsTooLittle(msg.sender);
        _enrol(msg.sender);
    }

    /// @notice Takes the caller's subscription back before the issue.
    function unsubscribe() external {
        if (status != Status.Offered) revert WrongStatus(status);
        Subscription memory mine = subscriptions[msg.sender];
        delete subscriptions[msg.sender];
        subscribed -= mine.units;
        _strike(msg.sender);
        if (mine.cash > 0) parties.cash.send(msg.sender, mine.cash);
    }

    /// @notice Puts the caller on the register: he owns or may use at least a MIN_FRACTION of all units.
    function enrol() external {
        if (!_holds(msg.sender)) revert HoldsTooLittle(msg.sender);
        _enrol(msg.sender);
    }

    /// @notice Takes an account that neither owns nor may use units off the register; anyone may tidy up.
    function strike(address account) external {
        if (status == Status.Offered) revert WrongStatus(status);
        if (_weight(account, false) + _weight(account, true) > 0) revert StillHolds(account);
        _strike(account);
    }

    /// @notice Passes the units that came with the call on to `to`, who is enrolled if he then holds enough.
    function transfer(address to) external {
        uint256 amount = Assets.received(units());
        if (amount == 0) revert NothingReceived();
        units().send(to, amount);
        if (_holds(to)) _enrol(to);
        if (_weight(msg.sender, false) + _weight(msg.sender, true) == 0) _strike(msg.sender);
    }

    // ---- The issuer

    /// @notice Deposits the cash that came with the call for payments to come. Anyone may pay for the issuer.
    function deposit() external payable {
        if (status > Status.Late) revert WrongStatus(status);
        uint256 amount = _received();
        if (amount == 0) revert NothingReceived();
        deposits += amount;
    }

    /// @notice Takes deposits back. Only when nothing can fall due any more: until then they stand for the payments.
    function withdraw(uint256 amount) external onlyIssuer {
        if (status <= Status.Late) revert WrongStatus(status);
        if (amount > deposits) revert TooMuch(amount);
        deposits -= amount;
        parties.cash.send(msg.sender, amount);
    }

    /// @notice Hands out cash that was set aside for holders who had not enrolled.
    function payUnclaimed(address to, uint256 amount) external onlyIssuer {
        if (amount > unclaimed) revert TooMuch(amount);
        unclaimed -= amount;
        parties.cash.send(to, amount);
    }

    // ---- What the description starts

    /// @notice Works off the events that are due, as many as the gas allows; the next firing goes on. Does nothing when
    /// none is due.
    function processEvents() internal {
        if (lateSince != 0 && block.timestamp < retryAt) return;
        uint256 enough = EVENT_GAS + HOLDER_GAS * register.length;
        bool more = true;
        while (more && status <= Status.Late) {
            ActusDue memory e = engine.next();
            if (e.kind == ActusEvent.None || e.time > block.timestamp) return;
            more = _process(e) && gasleft() > enough;
        }
    }

    /// @dev Returns false when the event has to wait or was the last.
    function _process(ActusDue memory e) private returns (bool) {
        (bool known, int256 value) = _observe(e);
        if (!known) return false;
        if (e.reported && !_settle(e)) return false;
        (int256 notional, int256 rate, int256 accrued) = engine.step(value);
        lateSince = 0;
        if (e.reported) emit Payment(uint8(e.kind), e.time, e.payoff, notional, rate, accrued);
        if (e.kind != ActusEvent.MD && e.kind != ActusEvent.TD) return true;
        status = Status.Redeemed;
        return false;
    }

    /// @dev Returns the value of a fixing. Without one it waits and tries again; after the grace period the rate or
    /// scaling stays as it was.
    function _observe(ActusDue memory e) private returns (bool, int256) {
        if (e.kind != ActusEvent.RR && e.kind != ActusEvent.SC) return (true, 0);
        bytes32 object = e.kind == ActusEvent.RR ? parties.rateObject : parties.indexObject;
        (bool ok, bytes memory answer) =
            parties.observer.staticcall(abi.encodeCall(IMarketObserver.valueAt, (object, e.scheduled)));
        if (ok && answer.length >= 32) return (true, abi.decode(answer, (int256)));
        if (_waits()) return (false, 0);
        engine.skip();
        lateSince = 0;
        emit FixingSkipped(uint8(e.kind), e.time);
        return (false, 0);
    }

    /// @dev Moves the cash of an event. Returns false when it cannot yet, or not any more.
    function _settle(ActusDue memory e) private returns (bool) {
        if (e.kind == ActusEvent.IED || e.kind == ActusEvent.PRD) return _issue(_toCash(-sign * e.payoff));
        int256 due = sign * e.payoff + carried;
        if (due <= 0) {
            carried = due;
            return true;
        }
        uint256 amount = _toCash(due);
        if (amount > deposits) return _miss(e, amount);
        carried = 0;
        deposits -= amount;
        if (status == Status.Late) status = Status.Active;
        _distribute(amount, e.kind == ActusEvent.IP || e.kind == ActusEvent.FP);
        return true;
    }

    function _miss(ActusDue memory e, uint256 due) private returns (bool) {
        status = Status.Late;
        emit Missed(uint8(e.kind), e.time, due);
        if (_waits()) return false;
        status = Status.Defaulted;
        uint256 recovered = deposits;
        deposits = 0;
        emit Defaulted(e.time, due, recovered);
        _distribute(recovered, false);
        return false;
    }

    /// @dev Sets the next try; false when the grace period is over.
    function _waits() private returns (bool) {
        uint64 time = uint64(block.timestamp);
        if (lateSince == 0) lateSince = time;
        uint64 end = lateSince + parties.gracePeriod;
        if (time >= end) return false;
        retryAt = time + RETRY < end ? time + RETRY : end;
        return true;
    }

    /// @dev Sells the units at `price` in all, or gives everything back when they are not all asked and paid for.
    function _issue(uint256 price) private returns (bool) {
        uint256 total = unitsTotal;
        if (subscribed != total || !_paidUp(price, total)) {
            status = Status.Withdrawn;
            emit IssueWithdrawn(subscribed, total);
            _refundAll();
            return false;
        }
        uint256 collected = 0;
        for (uint256 i = 0; i < register.length; i++) {
            collected += _allot(register[i], price, total);
        }
        status = Status.Active;
        parties.cash.send(parties.issuer, collected);
        return true;
    }

    function _paidUp(uint256 price, uint256 total) private view returns (bool) {
        for (uint256 i = 0; i < register.length; i++) {
            Subscription storage one = subscriptions[register[i]];
            if (one.cash < Fixed.mulDivUp(price, one.units, total)) return false;
        }
        return true;
    }

    function _allot(address account, uint256 price, uint256 total) private returns (uint256 cost) {
        Subscription memory one = subscriptions[account];
        delete subscriptions[account];
        cost = Fixed.mulDivUp(price, one.units, total);
        Assets.mint(UNIT, account, one.units);
        if (one.cash > cost) parties.cash.send(account, one.cash - cost);
    }

    function _refundAll() private {
        for (uint256 i = 0; i < register.length; i++) {
            uint256 amount = subscriptions[register[i]].cash;
            delete subscriptions[register[i]];
            if (amount > 0) parties.cash.send(register[i], amount);
        }
    }

    /// @dev Shares an amount among the register by units used (interest, fees) or owned (principal).
    function _distribute(uint256 amount, bool byUse) private {
        uint256 total = unitsTotal;
        uint256 rest = amount;
        for (uint256 i = 0; i < register.length; i++) {
            address account = register[i];
            uint256 share = Fixed.mulDivDown(amount, _weight(account, byUse), total);
            if (share == 0) continue;
            rest -= share;
            parties.cash.send(account, share);
            emit PaidOut(account, share);
        }
        unclaimed += rest;
    }

    function _holds(address account) private view returns (bool) {
        return _weight(account, false) + _weight(account, true) >= unitsTotal / MIN_FRACTION;
    }

    function _weight(address account, bool byUse) private view returns (uint256) {
        return byUse ? Usufruct.usable(units(), account) : units().balanceOf(account);
    }

    function _enrol(address account) private {
        if (placeOf[account] != 0) return;
        if (register.length >= MAX_HOLDERS) revert RegisterFull();
        register.push(account);
        placeOf[account] = register.length;
        emit Registered(account, true);
    }

    function _strike(address account) private {
        uint256 place = placeOf[account];
        if (place == 0) return;
        address last = register[register.length - 1];
        register[place - 1] = last;
        placeOf[last] = place;
        register.pop();
        delete placeOf[account];
        emit Registered(account, false);
    }

    /// @dev What came with this call, in the cash asset.
    function _received() private view returns (uint256) {
        return AssetId.unwrap(parties.cash) == 0 ? msg.value : Assets.received(parties.cash);
    }

    /// @dev Converts a non-negative amount of 18 decimals to the cash asset's smallest units, rounded to nearest.
    function _toCash(int256 amount) private view returns (uint256) {
        if (amount <= 0) return 0;
        (,, uint8 decimals) = parties.cash.info();
        return uint256(Fixed.mulDiv(amount, 1, int256(10 ** (18 - uint256(decimals)))));
    }
}

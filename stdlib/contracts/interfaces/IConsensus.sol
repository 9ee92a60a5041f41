// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title IConsensus
/// @notice Stake, elections and blocks of hierarchical hybrid consensus as a system precompile at
/// 0xf050000000000000000000000000000000000010. Amounts are in wei, times in Unix seconds, heights count blocks. The
/// acting account is the caller. On a chain without stake every call reverts.
interface IConsensus {
    /// @notice The head of a group's package, as its author signs it.
    struct Package {
        uint64 height;
        bytes32 parent;
        uint32 group;
        uint32 x;
        bytes32 author;
        bytes32 transactionsRoot;
        bytes32 touchedRoot;
        bytes32 outcomeRoot;
        uint64 gas_;
        uint64 count;
    }

    /// @notice Returns the seed that elected the nodes of the block at `height`; reverts before that block, and once
    /// 256 blocks have passed.
    function seed(uint64 height) external view returns (bytes32 seed_);

    /// @notice Returns the epoch's committee key, by which seeds are signed: a compressed point of G1 in BLS12-381, 48
    /// bytes. Empty at the beginning of an epoch, while the committee makes it and authors sign.
    function beaconKey() external view returns (bytes memory key);

    /// @notice Returns the current epoch; epoch e covers heights `e * epochLength` to `(e + 1) * epochLength - 1`.
    function epoch() external view returns (uint64 number);

    /// @notice Returns X, the number of groups.
    function groups() external view returns (uint32 x);

    /// @notice Returns the group of an account's transactions: `keccak256(sender) mod X`.
    function groupOfSender(address sender) external view returns (uint32 group);

    /// @notice Returns the group of a node in the block at `height`: `keccak256(seed, key) mod X`, or the group that
    /// it chose as a guerrilla.
    function groupOfNode(bytes32 key, uint64 height) external view returns (uint32 group);

    /// @notice Returns the node that represents each group in this block; 0 for a group without one. Empty between
    /// epochs.
    function representatives() external view returns (bytes32[] memory keys);

    /// @notice Describes one of the last 256 blocks.
    /// @return author The node that made it; 0 for none, and in the block itself.
    /// @return worked Whether the author showed work.
    /// @return x The number of its groups.
    /// @return guerrilla Whether its author chose a group for the next block.
    /// @return guerrillaGroup The group that it chose.
    function blockAt(uint64 height)
        external
        view
        returns (bytes32 author, bool worked, uint32 x, bool guerrilla, uint32 guerrillaGroup);

    /// @notice Returns the digest of a group's package in one of the last 256 blocks; 0 if the group had none.
    function packageAt(uint64 height, uint32 group) external view returns (bytes32 digest);

    /// @notice Returns the keys of the current committee, in ascending order.
    function members() external view returns (bytes32[] memory keys);

    /// @notice Describes a member of the current committee; `is_` is false for a node that is none.
    function member(bytes32 key)
        external
        view
        returns (bool is_, uint32 place, uint64 weight, address owner, address payout, bytes memory beacon);

    /// @notice Describes a validator, in the committee or not. `leaving` is stake on its way out, still slashed;
    /// `listed` says whether it may enter the next committee.
    function validator(bytes32 key)
        external
        view
        returns (
            address owner,
            address payout,
            uint256 stake,
            uint256 leaving,
            uint32 commissionBps,
            bool jailed,
            bool listed
        );

    /// @notice Returns what `holder` has bonded at a validator, and the rewards that it may claim.
    function stakeOf(bytes32 key, address holder) external view returns (uint256 stake, uint256 rewards);

    /// @notice Returns the withdrawals of `holder` that wait at a validator, oldest first, and when each is free.
    function waiting(bytes32 key, address holder)
        external
        view
        returns (uint256[] memory amounts, uint64[] memory release);

    /// @notice Returns what block rewards are paid from.
    function pool() external view returns (uint256 amount);

    /// @notice Returns the rules that stakers go by.
    /// @return minStake Least stake of a validator.
    /// @return unit Wei for one unit of weight.
    /// @return unbondWait Seconds from `unbond` to `withdraw`.
    /// @return epochLength Blocks of an epoch.
    /// @return ticketSize Price of a ticket.
    /// @return ticketTime Seconds that a ticket is held at least.
    function stakeRules()
        external
        view
        returns (
            uint256 minStake,
            uint256 unit,
            uint64 unbondWait,
            uint64 epochLength,
            uint256 ticketSize,
            uint64 ticketTime
        );

    /// @notice Returns what a node's key signs so that `owner` may register it with this beacon key.
    function registrationBytes(address owner, bytes calldata beacon) external view returns (bytes memory message);

    /// @notice Returns the digest of a package: keccak256 of its RLP list.
    function packageDigest(Package calldata package_) external view returns (bytes32 digest);

    /// @notice Says whether a package counts in its block: a member of the committee signed it, for the group that is
    /// its own there. Only blocks of this epoch can be asked about; what the package holds is not judged.
    function packageValid(Package calldata package_, bytes calldata signature) external view returns (bool valid);

    /// @notice Returns the hash of a try at a block, and whether a representative has that many tries.
    function work(bytes32 parent, bytes32 packagesRoot, bytes32 key, uint64 nonce)
        external
        view
        returns (bytes32 hash, bool valid);

    /// @notice Describes a ticket.
    function ticket(uint256 id)
        external
        view
        returns (address owner, bytes32 key, uint64 bought, uint256 stake, uint256 rewards);

    /// @notice Registers a validator with the sent value as stake; it enters the committee at the next epoch.
    /// @param key The node's ed25519 key.
    /// @param beacon The node's BLS12-381 key for the beacon, 48 bytes.
    /// @param payout Who is paid its rewards.
    /// @param commissionBps Its part of delegators' rewards, in basis points.
    /// @param proof The node's signature on `registrationBytes`.
    function register(
        bytes32 key,
        bytes calldata beacon,
        address payout,
        uint32 commissionBps,
        bytes calldata proof
    ) external payable;

    /// @notice Adds the sent value to the caller's stake at a validator: its own if the caller owns it, else delegated.
    function bond(bytes32 key) external payable;

    /// @notice Starts the withdrawal of `amount` of the caller's stake.
    function unbond(bytes32 key, uint256 amount) external;

    /// @notice Pays the caller what has waited long enough.
    function withdraw(bytes32 key) external returns (uint256 amount);

    /// @notice Pays the caller the rewards of its delegated stake.
    function claim(bytes32 key) external returns (uint256 amount);

    /// @notice Changes who is paid a validator's rewards; only its owner may.
    function setPayout(bytes32 key, address payout) external;

    /// @notice Changes a validator's commission; only its owner may.
    function setCommission(bytes32 key, uint32 bps) external;

    /// @notice Buys a ticket: stake of a fixed size, which must be the sent value, delegated to a validator.
    function buyTicket(bytes32 key) external payable returns (uint256 id);

    /// @notice Starts the withdrawal of a ticket's stake, after its least time.
    function returnTicket(uint256 id) external;

    /// @notice Pays the caller the rewards of its ticket, and its stake once that has waited.
    function collectTicket(uint256 id) external returns (uint256 amount);

    /// @notice Slashes a node for two votes that no honest node casts both, and pays the caller a part.
    /// @param first The bytes that the node signed, as the consensus engine frames them.
    function reportVotes(
        bytes32 key,
        bytes calldata first,
        bytes calldata firstSignature,
        bytes calldata second,
        bytes calldata secondSignature
    ) external returns (uint256 reward);

    /// @notice Slashes the author of two different packages for one group of one block, and pays the caller a part.
    function reportPackages(
        Package calldata first,
        bytes calldata firstSignature,
        Package calldata second,
        bytes calldata secondSignature
    ) external returns (uint256 reward);
}

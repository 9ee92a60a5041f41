// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title ICustody
/// @notice Is the system precompile of custody of outer coins, at 0xf050000000000000000000000000000000000011. Names are
/// left-aligned texts, heights count blocks, amounts of coins are in their smallest units, fees and bonds are wei.
interface ICustody {
    struct Outflow {
        bytes32 coin;
        uint256 amount;
    }
    struct Cap {
        bytes32 coin;
        uint256 cap;
    }
    struct Part {
        bytes message;
        bytes[] reveals;
    }
    struct Job {
        uint64 vault;
        uint64 request;
        bytes32 upkeep;
    }
    /// @notice Returns the rules of custody: who lists coins and opens vaults, what a custodian bonds and a request
    /// costs in wei, and waits in blocks (the last in seconds).
    function rules()
        external view
        returns (
            address steward,
            uint256 minBond,
            uint256 requestFee,
            uint32 mature,
            uint32 phase,
            uint32 renew,
            uint32 cancelWait,
            uint64 leaveWait
        );
    /// @notice Lists the coins that have a mapping here.
    function coins() external view returns (bytes32[] memory ids);
    /// @notice Returns what a coin is, and its limits in smallest units; `asset` is the id of its mapping.
    function coin(bytes32 id)
        external view
        returns (
            uint256 asset,
            bytes32 chain,
            address token,
            uint8 decimals,
            uint256 minDeposit,
            uint256 inFee,
            uint256 maxFee,
            uint256 minOut
        );
    /// @notice Returns what an outer chain is: family 1 is Bitcoin, 2 Ethereum.
    function chain(bytes32 name)
        external view
        returns (uint8 family, uint64 chainId, bytes32 prefix, uint32 confirmations, uint256 proofTarget);
    /// @notice Returns the hash of a chain's first block, by which proved deposits are named; zero if not named.
    function genesis(bytes32 chain) external view returns (bytes32 hash);
    /// @notice Returns how many vaults were opened; they are numbered from 1.
    function vaults() external view returns (uint64 count);
    /// @notice Returns how a vault stands: state 1 opening, 2 active, 3 halted, 4 retiring; scheme 1 ECDSA, 2 Schnorr.
    function vault(uint64 number)
        external view
        returns (
            bytes32 chain,
            uint8 scheme,
            uint8 state,
            uint16 threshold,
            uint16 size,
            uint64 group,
            uint64 next,
            uint32 epoch,
            bytes memory key,
            uint64 sequence,
            uint64 renewed
        );
    /// @notice Returns what a vault holds of a coin outside, what circulates of it here, and what of that is on its way
    /// out.
    function books(uint64 vault, bytes32 coin)
        external view
        returns (uint256 custody, uint256 circulating, uint256 inFlight, uint256 cap);
    /// @notice Returns the key and the address of a request, or of the vault itself with request 0.
    function vaultAddress(uint64 vault, uint64 request) external view returns (bytes memory key, string memory outer);
    /// @notice Returns the first coin that a vault lacks, by its books or by what a quorum sees; zeros if none.
    function shortfall(uint64 vault) external view returns (bytes32 coin, uint256 amount);
    /// @notice Returns how a group stands: state 1 making its key, 2 made, 3 holding, 4 past, 5 failed.
    function group(uint64 number)
        external view
        returns (
            uint64 vault,
            uint64 previous,
            uint64 started,
            uint8 state,
            uint16 threshold,
            uint64 phase,
            address[] memory members,
            bytes memory key
        );
    /// @notice Returns which members did what, as bits from member 1 on.
    function groupMarks(uint64 number)
        external view
        returns (uint64 dealt, uint64 bad, uint64 extracted, uint64 unfit, uint64 ready, uint64 qualified);
    /// @notice Returns the members' public shares of a group's key.
    function publicShares(uint64 group) external view returns (bytes[] memory shares);
    /// @notice Lists the accounts that act for custodians.
    function custodians() external view returns (address[] memory operators);
    /// @notice Returns who a custodian is and how it stands: 1 active, 2 leaving, 3 struck.
    function custodian(address operator)
        external view
        returns (
            bytes32 node,
            bytes memory encryption,
            bytes32 owner,
            bytes32 provider,
            bytes32 region,
            uint8 standing,
            uint64 since,
            uint64 release,
            uint32 groups,
            uint256 bond,
            uint256 rewards
        );
    /// @notice Returns how many requests were made; they are numbered from 1.
    function requests() external view returns (uint64 count);
    /// @notice Returns how far a request is: 1 an address that takes deposits; of lock-outs 2 asked, 3 planned, 4 paid,
    /// 5 returned.
    function request(uint64 number)
        external view
        returns (
            uint8 status,
            uint64 vault,
            uint64 height,
            address owner,
            address beneficiary,
            bytes32 coin,
            uint256 amount,
            uint256 maxFee,
            uint256 fee,
            string memory destination,
            bytes32 transaction
        );
    /// @notice Returns how a deposit stands: 0 not attested, 1 credited, 2 held while its vault is not active.
    function deposit(bytes32 id)
        external view
        returns (uint8 state, uint64 vault, uint64 request, bytes32 coin, uint256 amount);
    /// @notice Returns how far an outer transaction is.
    function job(Job calldata id) external view returns (uint32 version, bool settled, bytes32 plan);
    /// @notice Says whether a plan is binding.
    function approved(Job calldata id, bytes32 plan) external view returns (bool approved_);
    /// @notice Asks for an address by which `beneficiary` locks in; vault 0 leaves the choice to the chain. Carries the
    /// fee of a request.
    function requestAddress(bytes32 coin, address beneficiary, uint64 vault)
        external payable
        returns (uint64 request, string memory outer);
    /// @notice Gives up the caller's units and asks a vault to pay them to `destination`. Carries the fee of a request.
    function lockOut(bytes32 coin, uint256 amount, string calldata destination, uint256 maxFee, uint64 vault)
        external payable
        returns (uint64 request);
    /// @notice Takes a lock-out back that nobody has planned for the set wait.
    function cancel(uint64 request) external;
    /// @notice Credits a deposit that was held, once its vault is active again.
    function creditHeld(bytes32 deposit) external;
    /// @notice Adds the value to the pool for rewards.
    function fundPool() external payable;
    /// @notice Registers the caller as a custodian; the value is its bond.
    function register(
        bytes32 node,
        bytes calldata encryption,
        bytes32 owner,
        bytes32 provider,
        bytes32 region
    ) external payable;
    /// @notice Starts the caller's way out.
    function leave() external;
    /// @notice Pays out the bond of a caller that left.
    function withdrawBond() external returns (uint256 amount);
    /// @notice Pays the caller what it earned.
    function claim() external returns (uint256 amount);
    /// @notice Lists an outer chain, or changes its confirmations (steward).
    function setChain(
        bytes32 name,
        uint8 family,
        uint64 chainId,
        bytes32 prefix,
        uint32 confirmations,
        uint256 proofTarget
    ) external;
    /// @notice Lists a coin, or changes its limits (steward).
    function setCoin(
        bytes32 id,
        bytes32 chain,
        address token,
        uint8 decimals,
        uint256 minDeposit,
        uint256 inFee,
        uint256 maxFee,
        uint256 minOut,
        string calldata title
    ) external;
    /// @notice Names the first block of a Bitcoin family's chain by its hash, in the order of its bytes, once (steward).
    function setGenesis(bytes32 chain, bytes32 hash) external;
    /// @notice Opens a vault and starts the generation of its key (steward).
    function openVault(bytes32 chain, uint8 scheme, uint16 threshold, uint16 size, Cap[] calldata caps)
        external
        returns (uint64 vault);
    /// @notice Changes a vault's cap of a coin (steward).
    function setCap(uint64 vault, bytes32 coin, uint256 cap) external;
    /// @notice Changes t of m of a vault's next group (steward).
    function setSize(uint64 vault, uint16 threshold, uint16 size) external;
    /// @notice Halts a vault (steward).
    function halt(uint64 vault) external;
    /// @notice Lets a halted vault go on (steward).
    function resume(uint64 vault) external;
    /// @notice Begins to move what a vault holds to another vault (steward).
    function retire(uint64 vault) external;
    /// @notice Lets the members of a retiring vault that owes nothing go; its addresses are watched no more (steward).
    function dismiss(uint64 vault) external;
    /// @notice Moves what circulates from the books of a retiring vault to those of another (steward, or a member of the
    /// retiring vault's group).
    function shift(uint64 from, uint64 to, bytes32 coin) external returns (uint256 moved);
    /// @notice Destroys `amount` of the caller's units to cover what a vault lacks, or to fill its reserve for fees.
    function cover(uint64 vault, bytes32 coin, uint256 amount) external;
    /// @notice Starts the re-sharing of a vault's key, or its generation anew.
    function regroup(uint64 vault) external;
    /// @notice Gives up a group that did not come about.
    function giveUp(uint64 group) external;
    /// @notice Posts a dealing of a key generation.
    function deal(uint64 group, bytes calldata message) external;
    /// @notice Posts a complaint about a dealing; the guilty one is struck.
    function complain(uint64 group, bytes calldata message, bytes calldata dealing) external;
    /// @notice Posts a dealer's part of the public key.
    function extract(uint64 group, bytes calldata message) external;
    /// @notice Posts an objection to an extraction; the guilty one is struck.
    function object(uint64 group, bytes calldata message, bytes calldata dealing, bytes calldata extraction) external;
    /// @notice Posts a holder's pair of a dealer whose part is reconstructed.
    function reveal(uint64 group, bytes calldata message) external;
    /// @notice Puts a key together from the parts of its dealers.
    function finish(uint64 group, Part[] calldata parts) external;
    /// @notice Posts an old holder's handover to a new group.
    function handOver(uint64 group, bytes calldata message) external;
    /// @notice Posts a complaint about a handover; the guilty one is struck.
    function complainHandover(uint64 group, bytes calldata message, bytes calldata handover) external;
    /// @notice Puts a new group's public shares together.
    function finishHandover(uint64 group, bytes[] calldata handovers) external;
    /// @notice Says that the caller holds its share.
    function ready(uint64 group) external;
    /// @notice Attests a deposit; with a quorum it is credited. Whoever says what the quorum denies is struck.
    function attestDeposit(bytes32 id, uint64 vault, uint64 request, bytes32 coin, uint256 amount) external;
    /// @notice Proves a deposit to a Bitcoin family's address, where the chain has a proof target; it is credited once a
    /// quorum has attested it too. `proof` is, numbers big endian: 4 bytes length of the transaction, the transaction without
    /// witness, 4 bytes number of the output, 4 bytes place in the block, 1 byte number of siblings, 32 bytes for each
    /// sibling from the lowest, and as many headers of 80 bytes as the chain asks confirmations, the block's own first.
    function proveDeposit(
        bytes32 id,
        uint64 vault,
        uint64 request,
        bytes32 coin,
        uint256 amount,
        bytes calldata proof
    ) external;
    /// @notice Proposes a plan of an outer transaction, and approves it.
    function propose(Job calldata id, uint64 sequence, bytes calldata plan) external;
    /// @notice Approves a plan; with a quorum it is binding.
    function approve(Job calldata id, uint64 sequence, bytes32 plan) external;
    /// @notice Attests what became of an outer transaction; with a quorum it is booked.
    function settle(
        Job calldata id,
        bytes32 plan,
        bytes32 transaction,
        bool success,
        Outflow[] calldata outflows
    ) external;
    /// @notice Attests that a retiring vault's transaction moved coin to the vault `to`; with a quorum it is booked.
    function settleMove(
        Job calldata id,
        bytes32 plan,
        bytes32 transaction,
        Outflow[] calldata fees,
        Outflow[] calldata moved,
        uint64 to
    ) external;
    /// @notice Says what the caller sees confirmed of a coin at a vault.
    function observe(uint64 vault, bytes32 coin, uint256 amount) external;
}

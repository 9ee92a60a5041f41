//! Lists what is compiled, and the transactions whose gas is measured.

/// Is something to compile: a folder of a package, or a source of ours that uses one.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: &'static str,
    /// The folder of the package, where the whole of it is compiled.
    pub(super) folder: &'static str,
    /// The name and text of the source, otherwise.
    pub(super) source: Option<(&'static str, &'static str)>,
    /// The packages without which the case is left out.
    pub(super) needs: &'static [&'static str],
    pub(super) sized: &'static [&'static str],
}

const OZ: &str = "@openzeppelin/contracts";

/// Lists the cases.
pub(super) const CASES: &[Case] = &[
    Case { name: "OpenZeppelin 5 whole", folder: OZ, source: None, needs: &[OZ], sized: &[] },
    Case {
        name: "OpenZeppelin ERC-20, 721, 4626",
        folder: "",
        source: Some(("Oz.sol", include_str!("contracts/Oz.sol"))),
        needs: &[OZ],
        sized: &["OzERC20", "OzERC721", "OzERC4626"],
    },
    Case {
        name: "solady ERC-20, 4626",
        folder: "",
        source: Some(("Solady.sol", include_str!("contracts/Solady.sol"))),
        needs: &["solady/src"],
        sized: &["SoladyERC20", "SoladyERC4626"],
    },
    Case {
        name: "Uniswap v2-like pair",
        folder: "",
        source: Some(("Pair.sol", include_str!("contracts/Pair.sol"))),
        needs: &[],
        sized: &["Pair"],
    },
    Case {
        name: "Uniswap v4 PoolManager",
        folder: "",
        source: Some(("V4.sol", include_str!("contracts/V4.sol"))),
        needs: &["@uniswap/v4-core/src", "solmate/src"],
        sized: &["PoolManager"],
    },
];

/// Is an argument of a call or of a constructor.
#[derive(Debug, Clone, Copy)]
pub(super) enum Arg {
    Number(u128),
    Negative(u128),
    /// The address of the contract that was created at this place of the script.
    Contract(usize),
    Sender,
    Receiver,
}

/// Is a transaction.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// Creates a contract.
    Create(&'static str, &'static [Arg]),
    /// Calls one: its place among those created, the signature, the arguments.
    Call(usize, &'static str, &'static [Arg]),
}

use Arg::{Contract, Negative, Number, Receiver, Sender};
use Step::{Call, Create};

const ETHER: u128 = 1_000_000_000_000_000_000;

/// Lists transactions by group: a name and the steps, run one after the other on one state.
pub(super) const SCRIPTS: &[(&str, &[Step])] = &[
    (
        "OpenZeppelin ERC-20",
        &[
            Create("OzERC20", &[]),
            Call(0, "transfer(address,uint256)", &[Receiver, Number(ETHER)]),
            Call(0, "transfer(address,uint256)", &[Receiver, Number(ETHER)]),
            Call(0, "approve(address,uint256)", &[Sender, Number(ETHER)]),
            Call(0, "transferFrom(address,address,uint256)", &[Sender, Receiver, Number(1000)]),
            Call(0, "balanceOf(address)", &[Receiver]),
            Call(0, "name()", &[]),
        ],
    ),
    (
        "OpenZeppelin ERC-721",
        &[
            Create("OzERC721", &[]),
            Call(0, "mint(address,uint256)", &[Sender, Number(7)]),
            Call(0, "approve(address,uint256)", &[Receiver, Number(7)]),
            Call(0, "transferFrom(address,address,uint256)", &[Sender, Receiver, Number(7)]),
            Call(0, "ownerOf(uint256)", &[Number(7)]),
            Call(0, "supportsInterface(bytes4)", &[Number(0)]),
        ],
    ),
    (
        "OpenZeppelin ERC-4626",
        &[
            Create("OzERC20", &[]),
            Create("OzERC4626", &[Contract(0)]),
            Call(0, "approve(address,uint256)", &[Contract(1), Number(1000 * ETHER)]),
            Call(1, "deposit(uint256,address)", &[Number(ETHER), Sender]),
            Call(1, "mint(uint256,address)", &[Number(ETHER), Sender]),
            Call(1, "withdraw(uint256,address,address)", &[Number(ETHER / 2), Sender, Sender]),
            Call(1, "redeem(uint256,address,address)", &[Number(ETHER / 2), Receiver, Sender]),
            Call(1, "convertToShares(uint256)", &[Number(ETHER)]),
        ],
    ),
    (
        "solady ERC-20",
        &[
            Create("SoladyERC20", &[]),
            Call(0, "transfer(address,uint256)", &[Receiver, Number(ETHER)]),
            Call(0, "transfer(address,uint256)", &[Receiver, Number(ETHER)]),
            Call(0, "approve(address,uint256)", &[Sender, Number(ETHER)]),
            Call(0, "transferFrom(address,address,uint256)", &[Sender, Receiver, Number(1000)]),
            Call(0, "balanceOf(address)", &[Receiver]),
            Call(0, "name()", &[]),
        ],
    ),
    (
        "solady ERC-4626",
        &[
            Create("SoladyERC20", &[]),
            Create("SoladyERC4626", &[Contract(0)]),
            Call(0, "approve(address,uint256)", &[Contract(1), Number(1000 * ETHER)]),
            Call(1, "deposit(uint256,address)", &[Number(ETHER), Sender]),
            Call(1, "mint(uint256,address)", &[Number(ETHER), Sender]),
            Call(1, "withdraw(uint256,address,address)", &[Number(ETHER / 2), Sender, Sender]),
            Call(1, "redeem(uint256,address,address)", &[Number(ETHER / 2), Receiver, Sender]),
            Call(1, "convertToShares(uint256)", &[Number(ETHER)]),
        ],
    ),
    (
        "Uniswap v2-like pair",
        &[
            Create("PlainToken", &[]),
            Create("PlainToken", &[]),
            Create("Pair", &[Contract(0), Contract(1)]),
            Call(0, "transfer(address,uint256)", &[Contract(2), Number(1000 * ETHER)]),
            Call(1, "transfer(address,uint256)", &[Contract(2), Number(4000 * ETHER)]),
            Call(2, "mint(address)", &[Sender]),
            Call(0, "transfer(address,uint256)", &[Contract(2), Number(ETHER)]),
            Call(2, "swap(uint256,uint256,address)", &[Number(0), Number(3 * ETHER), Receiver]),
            Call(1, "transfer(address,uint256)", &[Contract(2), Number(8 * ETHER)]),
            Call(2, "swap(uint256,uint256,address)", &[Number(ETHER), Number(0), Receiver]),
            Call(2, "transfer(address,uint256)", &[Contract(2), Number(ETHER)]),
            Call(2, "burn(address)", &[Receiver]),
            Call(2, "sync()", &[]),
            Call(2, "getReserves()", &[]),
        ],
    ),
    (
        "Uniswap v4 PoolManager",
        &[
            Create("PoolManager", &[Sender]),
            Create("Trader", &[Contract(0)]),
            Call(1, "start()", &[]),
            Call(1, "provide(int24,int24,int256)", &[Negative(6000), Number(6000), Number(1000 * ETHER)]),
            Call(1, "provide(int24,int24,int256)", &[Negative(120), Number(120), Number(1000 * ETHER)]),
            Call(1, "swap(bool,int256)", &[Number(1), Negative(ETHER)]),
            Call(1, "swap(bool,int256)", &[Number(0), Number(ETHER)]),
            Call(1, "swap(bool,int256)", &[Number(1), Negative(100 * ETHER)]),
            Call(1, "provide(int24,int24,int256)", &[Negative(120), Number(120), Negative(1000 * ETHER)]),
        ],
    ),
];

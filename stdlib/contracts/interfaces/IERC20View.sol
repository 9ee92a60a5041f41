// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// @title IERC20View
/// @notice ERC-20 as every asset of the ledger answers it at its reserved address, so that wallets and contracts
/// written for ERC-20 work with native assets.
/// @dev balanceOf is what the account may send now. Allowances live only here; the ledger itself needs none.
interface IERC20View {
    /// @notice The account's free units do not cover the amount (ERC-6093).
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
    /// @notice Units cannot be sent there (ERC-6093).
    error ERC20InvalidReceiver(address receiver);
    /// @notice The allowance does not cover the amount (ERC-6093).
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    /// @notice Nobody can be given an allowance there (ERC-6093).
    error ERC20InvalidSpender(address spender);

    /// @notice Emitted for every movement of the asset, by whatever way; from 0 for mints, to 0 for burns.
    event Transfer(address indexed from, address indexed to, uint256 value);
    /// @notice Emitted when an allowance is set.
    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// @notice Returns the asset's name.
    function name() external view returns (string memory);
    /// @notice Returns the asset's symbol.
    function symbol() external view returns (string memory);
    /// @notice Returns the asset's decimals.
    function decimals() external view returns (uint8);
    /// @notice Returns the units in existence.
    function totalSupply() external view returns (uint256);
    /// @notice Returns what `account` may send now.
    function balanceOf(address account) external view returns (uint256);
    /// @notice Sends `value` of the caller's free units to `to`.
    function transfer(address to, uint256 value) external returns (bool);
    /// @notice Returns what `spender` may still take from `owner`.
    function allowance(address owner, address spender) external view returns (uint256);
    /// @notice Lets `spender` take up to `value` of the caller's units.
    function approve(address spender, uint256 value) external returns (bool);
    /// @notice Takes `value` from `from` to `to` against the caller's allowance.
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

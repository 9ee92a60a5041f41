// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/// A value behind a proxy.
contract Box is Initializable, OwnableUpgradeable, UUPSUpgradeable {
    uint256 public value;

    event Stored(address indexed by, uint256 value);

    constructor() {
        _disableInitializers();
    }

    function initialize(address owner) external initializer {
        __Ownable_init(owner);
    }

    function store(uint256 value_) external {
        value = value_;
        emit Stored(msg.sender, value_);
    }

    function version() external pure virtual returns (string memory) {
        return "1";
    }

    function _authorizeUpgrade(address) internal override onlyOwner {}
}

/// The same with one function more.
contract BoxV2 is Box {
    function increment() external {
        unchecked {
            ++value;
        }
    }

    function version() external pure override returns (string memory) {
        return "2";
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {Test, stdError} from "forge-std/Test.sol";
import {Box, BoxV2} from "../src/Box.sol";

contract BoxTest is Test {
    Box box;

    function setUp() public {
        Box code = new Box();
        bytes memory start = abi.encodeCall(Box.initialize, (address(this)));
        box = Box(address(new ERC1967Proxy(address(code), start)));
    }

    function test_state_survives_an_upgrade() public {
        vm.expectEmit(address(box));
        emit Box.Stored(address(this), 41);
        box.store(41);
        BoxV2 code = new BoxV2();
        box.upgradeToAndCall(address(code), abi.encodeCall(BoxV2.increment, ()));
        assertEq(box.value(), 42);
        assertEq(box.version(), "2");
        bytes32 slot = vm.load(address(box), ERC1967Utils.IMPLEMENTATION_SLOT);
        assertEq(address(uint160(uint256(slot))), address(code));
    }

    function test_only_the_owner_upgrades(address who) public {
        vm.assume(who != address(this));
        address code = address(new BoxV2());
        vm.expectRevert(
            abi.encodeWithSelector(OwnableUpgradeable.OwnableUnauthorizedAccount.selector, who)
        );
        vm.prank(who);
        box.upgradeToAndCall(code, "");
    }

    function test_it_starts_once() public {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        box.initialize(address(1));
        Box bare = new Box();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        bare.initialize(address(1));
    }

    function take(uint256[] memory list, uint256 index) external pure returns (uint256) {
        return list[index] - 1;
    }

    function test_panics_have_their_codes() public {
        uint256[] memory list = new uint256[](1);
        vm.expectRevert(stdError.indexOOBError);
        this.take(list, 1);
        vm.expectRevert(stdError.arithmeticError);
        this.take(list, 0);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {Test} from "forge-std/Test.sol";
import {Deeds} from "../src/Deeds.sol";

contract Receiver is IERC721Receiver {
    uint256 public last;

    function claim(Deeds deeds, bytes32[] calldata proof) external {
        deeds.claim(proof);
    }

    function onERC721Received(address, address, uint256 id, bytes calldata) external returns (bytes4) {
        last = id;
        return IERC721Receiver.onERC721Received.selector;
    }
}

contract DeedsTest is Test {
    Deeds deeds;
    address alice = makeAddr("alice");

    function setUp() public {
        deeds = new Deeds(address(this));
    }

    function leaf(address who) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(who))));
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encodePacked(a, b)) : keccak256(abi.encodePacked(b, a));
    }

    function test_those_on_the_list_claim_once() public {
        Receiver receiver = new Receiver();
        (bytes32 a, bytes32 b) = (leaf(alice), leaf(address(receiver)));
        deeds.setRoot(pair(a, b));
        bytes32[] memory proof = new bytes32[](1);
        (proof[0]) = (b);
        vm.prank(alice);
        assertEq(deeds.claim(proof), 1);
        vm.expectRevert(abi.encodeWithSelector(Deeds.AlreadyClaimed.selector, alice));
        vm.prank(alice);
        deeds.claim(proof);
        proof[0] = a;
        receiver.claim(deeds, proof);
        assertEq(receiver.last(), 2);
        assertEq(deeds.tokenURI(2), "deed/2.json");
        assertEq(deeds.tokenOfOwnerByIndex(alice, 0), 1);
    }

    function testFuzz_others_do_not(address who) public {
        vm.assume(who != alice);
        deeds.setRoot(leaf(alice));
        vm.expectRevert(abi.encodeWithSelector(Deeds.NotListed.selector, who));
        vm.prank(who);
        deeds.claim(new bytes32[](0));
    }

    function test_owners_change_in_two_steps() public {
        deeds.transferOwnership(alice);
        assertEq(deeds.owner(), address(this));
        vm.prank(alice);
        deeds.acceptOwnership();
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        deeds.setRoot(0);
    }

    function test_no_uri_without_a_deed() public {
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 7));
        deeds.tokenURI(7);
    }
}
